// The commands of tokens and sessions: how a device comes back.

/** Maps their names to their functions. */
export const tokenCommands = {} as const;
