// The commands by which owners and moderators keep a room.
import { banUser } from '../ban_user.js';
import { deleteChatroom } from '../delete_chatroom.js';
import { kickUser } from '../kick_user.js';
import { listBans } from '../list_bans.js';
import { setChatroom } from '../set_chatroom.js';
import { setRole } from '../set_role.js';
import { setTopic } from '../set_topic.js';
import { unbanUser } from '../unban_user.js';

/** Maps their names to their functions. */
export const moderationCommands = {
  set_topic: setTopic,
  set_chatroom: setChatroom,
  delete_chatroom: deleteChatroom,
  set_role: setRole,
  kick_user: kickUser,
  ban_user: banUser,
  unban_user: unbanUser,
  list_bans: listBans,
} as const;
