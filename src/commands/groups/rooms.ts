// The commands by which sessions enter, leave and list rooms.
import { joinChatroom } from '../join_chatroom.js';
import { leaveChatroom } from '../leave_chatroom.js';
import { listChatrooms } from '../list_chatrooms.js';
import { listUsers } from '../list_users.js';

/** Maps their names to their functions. */
export const roomCommands = {
  join_chatroom: joinChatroom,
  leave_chatroom: leaveChatroom,
  list_chatrooms: listChatrooms,
  list_users: listUsers,
} as const;
