// How the programs end: the one list of it that the manual pages have. A test holds it to what the programs have.

export type ExitStatus = readonly [status: number, meaning: string];

export const exitStatuses = {
  salond: [
    [0, 'It was told to stop and did, or it did what a flag asked.'],
    [1, 'The store broke, and `store_broken` is the last line of the log; or there is a fault in the program.'],
    [65, 'The data is damaged, in use, too new, not salond\'s or not to be written.'],
    [69, 'An address can\'t be listened on.'],
    [78, 'A flag, a setting, a certificate or the audit log can\'t be used, or systemd hands over a socket of another name.'],
  ],
  salonctl: [
    [0, 'Done. Also where whoever reads the output has seen enough of it (`head`).'],
    [1, 'The daemon refused.'],
    [64, 'It was not typed as it has to be.'],
    [65, 'The data, the backup or the export is damaged, in use, there already or none at all.'],
    [69, 'The daemon can\'t be reached, went away, or does not answer.'],
    [70, 'There is a fault in salonctl.'],
    [73, 'A file or the output can\'t be written, or the file is there already.'],
    [130, 'It was interrupted (Ctrl-C).'],
  ],
} as const satisfies Readonly<Record<string, readonly ExitStatus[]>>;
