// The commands that read what was said in a room.
import { chatroomHistory } from '../chatroom_history.js';

/** Maps their names to their functions. */
export const historyCommands = {
  chatroom_history: chatroomHistory,
} as const;
