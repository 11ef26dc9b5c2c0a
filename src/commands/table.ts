// The table of commands, and the step from a request to its answer: gates, command, and what a failure is answered with.
import { passGates } from '../session/gates.js';
import type { Answer, Dispatch, Session } from '../session/session.js';
import type { CommandName } from '../wire/generated/parameters.js';
import type { Request } from '../wire/request.js';
import { authenticateUser } from './authenticate_user.js';
import { chatroomHistory } from './chatroom_history.js';
import { chatroomMessage } from './chatroom_message.js';
import { createUser } from './create_user.js';
import { failure } from './failure.js';
import { getServer } from './get_server.js';
import { help } from './help.js';
import { joinChatroom } from './join_chatroom.js';
import { leaveChatroom } from './leave_chatroom.js';
import { listChatrooms } from './list_chatrooms.js';
import { listUsers } from './list_users.js';
import { logOut } from './log_out.js';
import { ping } from './ping.js';
import { quit } from './quit.js';
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
  list_users: listUsers,
  chatroom_history: chatroomHistory,
  ping,
  help,
  get_server: getServer,
  quit,
};

/** The step from a request to its answer, for all sessions. */
export function dispatcher(services: Services): Dispatch {
  const failed = (error: unknown, session: Session, { command }: Request): Answer =>
    failure(error, session.gone ? undefined : services.log, { session: session.id, command });
  return (session, request) => {
    // A request and its command share one name, which the compiler can't follow through the table's union.
    const command = commands[request.command] as Command<CommandName>;
    try {
      const refused = passGates(session, request, services.gates);
      if (refused !== undefined) return refused;
      const answer = command(session, request, services);
      return answer instanceof Promise ? answer.catch((error: unknown) => failed(error, session, request)) : answer;
    } catch (error) {
      return failed(error, session, request);
    }
  };
}
