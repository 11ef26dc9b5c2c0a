// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserResults } from './commands/create_user.js';
import type { AuthenticateUserResults } from './commands/authenticate_user.js';
import type { JoinChatroomResults } from './commands/join_chatroom.js';
import type { LeaveChatroomResults } from './commands/leave_chatroom.js';
import type { ChatroomMessageResults } from './commands/chatroom_message.js';
import type { LogOutResults } from './commands/log_out.js';
import type { ChangePasswordResults } from './commands/change_password.js';
import type { UpdateUserResults } from './commands/update_user.js';
import type { GetUserResults } from './commands/get_user.js';
import type { DeleteUserResults } from './commands/delete_user.js';
import type { ListChatroomsResults } from './commands/list_chatrooms.js';
import type { ListUsersResults } from './commands/list_users.js';
import type { SetTopicResults } from './commands/set_topic.js';
import type { SetRoleResults } from './commands/set_role.js';
import type { ChatroomHistoryResults } from './commands/chatroom_history.js';
import type { PingResults } from './commands/ping.js';
import type { HelpResults } from './commands/help.js';
import type { GetServerResults } from './commands/get_server.js';
import type { QuitResults } from './commands/quit.js';

/** What each command answers (wire/results.ts). */
export interface CommandResults {
  readonly create_user: CreateUserResults;
  readonly authenticate_user: AuthenticateUserResults;
  readonly join_chatroom: JoinChatroomResults;
  readonly leave_chatroom: LeaveChatroomResults;
  readonly chatroom_message: ChatroomMessageResults;
  readonly log_out: LogOutResults;
  readonly change_password: ChangePasswordResults;
  readonly update_user: UpdateUserResults;
  readonly get_user: GetUserResults;
  readonly delete_user: DeleteUserResults;
  readonly list_chatrooms: ListChatroomsResults;
  readonly list_users: ListUsersResults;
  readonly set_topic: SetTopicResults;
  readonly set_role: SetRoleResults;
  readonly chatroom_history: ChatroomHistoryResults;
  readonly ping: PingResults;
  readonly help: HelpResults;
  readonly get_server: GetServerResults;
  readonly quit: QuitResults;
}
