// How the programs end: the one list of it that the manual pages have. A test holds it to what the programs have.

export type ExitStatus = readonly [status: number, meaning: string];

export const exitStatuses = {
  salond: [
    [0, 'It was told to stop and did, or it did what a flag asked.'],
    [1, 'The store broke, and `store_broken` is the last line of the log; or there is a fault in the program.'],
    [65, 'The data is damaged, in use, too new, not salond\'s or not to be written.'],
    [69, 'An address can\'t be listened on.'],
    [71, 'The system refused something else.'],
    [78, 'A flag, a setting or a certificate can\'t be used, two settings want the same address, or systemd hands over a socket of another name; '
      + 'with `--check-config` also an audit log that can\'t be written.'],
  ],
  salonctl: [
    [0, 'Done.'],
    [1, 'The daemon refused.'],
    [64, 'It was not typed as it has to be.'],
    [65, 'The data, the backup or the export is damaged, in use, there already or none at all.'],
    [69, 'The daemon can\'t be reached, or went away.'],
    [73, 'The file can\'t be made, or is there already.'],
  ],
} as const satisfies Readonly<Record<string, readonly ExitStatus[]>>;
