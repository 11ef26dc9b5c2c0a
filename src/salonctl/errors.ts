// What can go wrong with a command, each with its exit status (main.ts).

/** A request that can't be made of what was typed; the message says why. */
export class UsageError extends Error {}

/** The daemon said no. */
export class Refused extends Error {}

/** A file that can't be made, or is there already. */
export class FileError extends Error {}

/** A backup or an export that is none, or is damaged; data that can't be used. */
export class BadData extends Error {}

/** The daemon can't be asked, or does not answer; the message says why. */
export class Unreachable extends Error {}
