// Maps the names of clients' commands to their functions, and makes their dispatcher.
import { dispatcher, type Dispatch } from '../session/dispatcher.js';
import type { Session } from '../session/session.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import type { CommandName } from '../wire/generated/parameters.js';
import { authenticateUser } from './authenticate_user.js';
import { chatroomHistory } from './chatroom_history.js';
import { chatroomMessage } from './chatroom_message.js';
import { createUser } from './create_user.js';
import { getServer } from './get_server.js';
import { help } from './help.js';
import { joinChatroom } from './join_chatroom.js';
import { leaveChatroom } from './leave_chatroom.js';
import { listChatrooms } from './list_chatrooms.js';
import { listUsers } from './list_users.js';
import { logOut } from './log_out.js';
import { ping } from './ping.js';
import { quit } from './quit.js';
import { setRole } from './set_role.js';
import { setTopic } from './set_topic.js';
import type { Command, Services } from './services.js';

/** Every command of protocol/commands: the compiler refuses a table that lacks one. */
const commands: { readonly [Name in CommandName]: Command<Name> } = {
  create_user: createUser,
  authenticate_user: authenticateUser,
  join_chatroom: joinChatroom,
  leave_chatroom: leaveChatroom,
  chatroom_message: chatroomMessage,
  log_out: logOut,
  list_chatrooms: listChatrooms,
  set_topic: setTopic,
  set_role: setRole,
  list_users: listUsers,
  chatroom_history: chatroomHistory,
  ping,
  help,
  get_server: getServer,
  quit,
};

/** The dispatcher of all clients' sessions. */
export function clientDispatcher(services: Services): Dispatch<Session> {
  return dispatcher(commandSpecs, commands, services, 'clients');
}
