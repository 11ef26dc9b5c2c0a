// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserParameters } from './commands/create_user.js';
import type { AuthenticateUserParameters } from './commands/authenticate_user.js';
import type { JoinChatroomParameters } from './commands/join_chatroom.js';
import type { LeaveChatroomParameters } from './commands/leave_chatroom.js';
import type { ChatroomMessageParameters } from './commands/chatroom_message.js';
import type { LogOutParameters } from './commands/log_out.js';
import type { ChangePasswordParameters } from './commands/change_password.js';
import type { UpdateUserParameters } from './commands/update_user.js';
import type { GetUserParameters } from './commands/get_user.js';
import type { DeleteUserParameters } from './commands/delete_user.js';
import type { ListChatroomsParameters } from './commands/list_chatrooms.js';
import type { ListUsersParameters } from './commands/list_users.js';
import type { SetTopicParameters } from './commands/set_topic.js';
import type { SetRoleParameters } from './commands/set_role.js';
import type { ChatroomHistoryParameters } from './commands/chatroom_history.js';
import type { PingParameters } from './commands/ping.js';
import type { HelpParameters } from './commands/help.js';
import type { GetServerParameters } from './commands/get_server.js';
import type { QuitParameters } from './commands/quit.js';

/** What the handler of each command is given. */
export interface CommandParameters {
  readonly create_user: CreateUserParameters;
  readonly authenticate_user: AuthenticateUserParameters;
  readonly join_chatroom: JoinChatroomParameters;
  readonly leave_chatroom: LeaveChatroomParameters;
  readonly chatroom_message: ChatroomMessageParameters;
  readonly log_out: LogOutParameters;
  readonly change_password: ChangePasswordParameters;
  readonly update_user: UpdateUserParameters;
  readonly get_user: GetUserParameters;
  readonly delete_user: DeleteUserParameters;
  readonly list_chatrooms: ListChatroomsParameters;
  readonly list_users: ListUsersParameters;
  readonly set_topic: SetTopicParameters;
  readonly set_role: SetRoleParameters;
  readonly chatroom_history: ChatroomHistoryParameters;
  readonly ping: PingParameters;
  readonly help: HelpParameters;
  readonly get_server: GetServerParameters;
  readonly quit: QuitParameters;
}

/** The name of any command. */
export type CommandName = keyof CommandParameters;

/** A command that needs a room which the session has joined. */
export type JoinedCommandName = 'leave_chatroom' | 'chatroom_message' | 'list_users' | 'set_topic' | 'set_role' | 'chatroom_history';

/** A command that is about another user. */
export type TargetCommandName = 'get_user' | 'set_role';
