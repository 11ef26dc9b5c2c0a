// The commands of private messages.

/** Maps their names to their functions. */
export const conversationCommands = {} as const;
