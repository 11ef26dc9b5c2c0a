// The errors of commands. main.ts maps each to an exit status.

/** The command line or the password is wrong; the message says why. */
export class UsageError extends Error {}

/** The daemon refused a request. */
export class Refused extends Error {}

/** A file can't be created or written, or exists already. */
export class FileError extends Error {}

/** A file is not a backup or export, or is damaged, or a data folder can't be used. */
export class BadData extends Error {}

/** The daemon can't be reached, or does not answer; the message says why. */
export class Unreachable extends Error {}
