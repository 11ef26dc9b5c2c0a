// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../spec.js';
import { createUser } from './commands/create_user.js';
import { authenticateUser } from './commands/authenticate_user.js';
import { joinChatroom } from './commands/join_chatroom.js';
import { leaveChatroom } from './commands/leave_chatroom.js';
import { chatroomMessage } from './commands/chatroom_message.js';
import { logOut } from './commands/log_out.js';
import { listChatrooms } from './commands/list_chatrooms.js';
import { listUsers } from './commands/list_users.js';
import { setTopic } from './commands/set_topic.js';
import { setChatroom } from './commands/set_chatroom.js';
import { deleteChatroom } from './commands/delete_chatroom.js';
import { setRole } from './commands/set_role.js';
import { kickUser } from './commands/kick_user.js';
import { banUser } from './commands/ban_user.js';
import { unbanUser } from './commands/unban_user.js';
import { listBans } from './commands/list_bans.js';
import { chatroomHistory } from './commands/chatroom_history.js';
import { ping } from './commands/ping.js';
import { help } from './commands/help.js';
import { getServer } from './commands/get_server.js';
import { quit } from './commands/quit.js';
import type { CommandName } from './parameters.js';

/** The spec of each command. */
export const commandSpecs: { readonly [Name in CommandName]: CommandSpec } = {
  create_user: createUser,
  authenticate_user: authenticateUser,
  join_chatroom: joinChatroom,
  leave_chatroom: leaveChatroom,
  chatroom_message: chatroomMessage,
  log_out: logOut,
  list_chatrooms: listChatrooms,
  list_users: listUsers,
  set_topic: setTopic,
  set_chatroom: setChatroom,
  delete_chatroom: deleteChatroom,
  set_role: setRole,
  kick_user: kickUser,
  ban_user: banUser,
  unban_user: unbanUser,
  list_bans: listBans,
  chatroom_history: chatroomHistory,
  ping,
  help,
  get_server: getServer,
  quit,
};
