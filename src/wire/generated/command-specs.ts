// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../spec.js';
import { createUser } from './commands/create_user.js';
import { authenticateUser } from './commands/authenticate_user.js';
import { joinChatroom } from './commands/join_chatroom.js';
import { leaveChatroom } from './commands/leave_chatroom.js';
import { chatroomMessage } from './commands/chatroom_message.js';
import { logOut } from './commands/log_out.js';
import { changePassword } from './commands/change_password.js';
import { updateUser } from './commands/update_user.js';
import { getUser } from './commands/get_user.js';
import { deleteUser } from './commands/delete_user.js';
import { listChatrooms } from './commands/list_chatrooms.js';
import { listUsers } from './commands/list_users.js';
import { setTopic } from './commands/set_topic.js';
import { setRole } from './commands/set_role.js';
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
  change_password: changePassword,
  update_user: updateUser,
  get_user: getUser,
  delete_user: deleteUser,
  list_chatrooms: listChatrooms,
  list_users: listUsers,
  set_topic: setTopic,
  set_role: setRole,
  chatroom_history: chatroomHistory,
  ping,
  help,
  get_server: getServer,
  quit,
};
