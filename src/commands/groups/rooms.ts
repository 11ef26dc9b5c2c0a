// The commands by which sessions enter, leave and list rooms.
import { inviteUser } from '../invite_user.js';
import { joinChatroom } from '../join_chatroom.js';
import { leaveChatroom } from '../leave_chatroom.js';
import { listChatrooms } from '../list_chatrooms.js';
import { listMembers } from '../list_members.js';
import { listMyRooms } from '../list_my_rooms.js';
import { listUsers } from '../list_users.js';

/** Maps their names to their functions. */
export const roomCommands = {
  join_chatroom: joinChatroom,
  leave_chatroom: leaveChatroom,
  list_chatrooms: listChatrooms,
  list_my_rooms: listMyRooms,
  list_users: listUsers,
  list_members: listMembers,
  invite_user: inviteUser,
} as const;
