// The commands that read what was said in a room.
import { chatroomHistory } from '../chatroom_history.js';
import { getMessage } from '../get_message.js';
import { searchChatroom } from '../search_chatroom.js';

/** Maps their names to their functions. */
export const historyCommands = {
  chatroom_history: chatroomHistory,
  get_message: getMessage,
  search_chatroom: searchChatroom,
} as const;
