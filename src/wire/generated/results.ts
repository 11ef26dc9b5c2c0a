// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserResults } from './commands/create_user.js';
import type { AuthenticateUserResults } from './commands/authenticate_user.js';
import type { JoinChatroomResults } from './commands/join_chatroom.js';
import type { LeaveChatroomResults } from './commands/leave_chatroom.js';
import type { ChatroomMessageResults } from './commands/chatroom_message.js';
import type { LogOutResults } from './commands/log_out.js';
import type { ListChatroomsResults } from './commands/list_chatrooms.js';
import type { ListMyRoomsResults } from './commands/list_my_rooms.js';
import type { ListUsersResults } from './commands/list_users.js';
import type { ListMembersResults } from './commands/list_members.js';
import type { SetTopicResults } from './commands/set_topic.js';
import type { SetRoleResults } from './commands/set_role.js';
import type { InviteUserResults } from './commands/invite_user.js';
import type { PostMessageResults } from './commands/post_message.js';
import type { MarkReadResults } from './commands/mark_read.js';
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
  readonly list_chatrooms: ListChatroomsResults;
  readonly list_my_rooms: ListMyRoomsResults;
  readonly list_users: ListUsersResults;
  readonly list_members: ListMembersResults;
  readonly set_topic: SetTopicResults;
  readonly set_role: SetRoleResults;
  readonly invite_user: InviteUserResults;
  readonly post_message: PostMessageResults;
  readonly mark_read: MarkReadResults;
  readonly chatroom_history: ChatroomHistoryResults;
  readonly ping: PingResults;
  readonly help: HelpResults;
  readonly get_server: GetServerResults;
  readonly quit: QuitResults;
}
