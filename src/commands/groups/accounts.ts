// The commands by which users look after their accounts, and block others.

/** Maps their names to their functions. */
export const accountCommands = {} as const;
