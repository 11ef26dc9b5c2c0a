// The exit statuses of the programs, for the manual pages. A test compares them with the programs.

/** A status, and when the program ends with it. */
export type ExitStatus = readonly [status: number, meaning: string];

/** Every status of each program. */
export const exitStatuses = {
  salond: [
    [0, 'It stopped when asked to, or did what a flag asked.'],
    [
      1,
      "The store failed so that it can't go on, and `store_broken` is the last line of the log; or there is an error in the program.",
    ],
    [65, "The data is damaged, in use, too new, not salond's, or can't be written."],
    [69, "The daemon can't listen on an address."],
    [71, 'The system refused something else.'],
    [
      78,
      "A flag, a setting or a certificate can't be used, two settings name the same address, or systemd passes a socket with an unknown name. " +
        "With `--check-config` also: the audit log can't be written.",
    ],
  ],
  salonctl: [
    [
      0,
      'Done. Also if the reader of the output closed it early (`head`), unless the output is a backup, an export or the data of a user.',
    ],
    [1, 'The daemon refused.'],
    [64, 'The command line is wrong.'],
    [65, "The data, the backup or the export is damaged, in use, there already, or not salond's."],
    [69, "The daemon can't be reached, closed the connection, or does not answer."],
    [70, 'There is an error in salonctl.'],
    [73, "A file or the output can't be written, or the file is there already."],
    [130, 'It was interrupted (Ctrl-C).'],
  ],
} as const satisfies Readonly<Record<string, readonly ExitStatus[]>>;
