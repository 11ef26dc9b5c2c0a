// The errors of commands. main.ts maps each to an exit status.

/** What was typed can't become a request; the message says why. */
export class UsageError extends Error {}

/** The daemon refused a request. */
export class Refused extends Error {}

/** A file can't be made or written, or is there already. */
export class FileError extends Error {}

/** A file that is not a backup or export, or is damaged, or a data folder that can't be used. */
export class BadData extends Error {}

/** The daemon can't be reached, or does not answer; the message says why. */
export class Unreachable extends Error {}
