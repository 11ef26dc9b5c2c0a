// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserParameters } from './commands/create_user.js';
import type { AuthenticateUserParameters } from './commands/authenticate_user.js';
import type { JoinChatroomParameters } from './commands/join_chatroom.js';
import type { LeaveChatroomParameters } from './commands/leave_chatroom.js';
import type { ChatroomMessageParameters } from './commands/chatroom_message.js';
import type { LogOutParameters } from './commands/log_out.js';
import type { ListChatroomsParameters } from './commands/list_chatrooms.js';
import type { ListUsersParameters } from './commands/list_users.js';
import type { SetTopicParameters } from './commands/set_topic.js';
import type { SetChatroomParameters } from './commands/set_chatroom.js';
import type { DeleteChatroomParameters } from './commands/delete_chatroom.js';
import type { SetRoleParameters } from './commands/set_role.js';
import type { KickUserParameters } from './commands/kick_user.js';
import type { BanUserParameters } from './commands/ban_user.js';
import type { UnbanUserParameters } from './commands/unban_user.js';
import type { ListBansParameters } from './commands/list_bans.js';
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
  readonly list_chatrooms: ListChatroomsParameters;
  readonly list_users: ListUsersParameters;
  readonly set_topic: SetTopicParameters;
  readonly set_chatroom: SetChatroomParameters;
  readonly delete_chatroom: DeleteChatroomParameters;
  readonly set_role: SetRoleParameters;
  readonly kick_user: KickUserParameters;
  readonly ban_user: BanUserParameters;
  readonly unban_user: UnbanUserParameters;
  readonly list_bans: ListBansParameters;
  readonly chatroom_history: ChatroomHistoryParameters;
  readonly ping: PingParameters;
  readonly help: HelpParameters;
  readonly get_server: GetServerParameters;
  readonly quit: QuitParameters;
}

/** The name of any command. */
export type CommandName = keyof CommandParameters;

/** A command that needs a room which the session has joined. */
export type JoinedCommandName = 'leave_chatroom' | 'chatroom_message' | 'list_users' | 'set_topic' | 'set_chatroom' | 'delete_chatroom' | 'set_role' | 'kick_user' | 'ban_user' | 'unban_user' | 'chatroom_history';

/** A command that is about another user. */
export type TargetCommandName = 'set_role' | 'kick_user' | 'ban_user' | 'unban_user';
