// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserResults } from './commands/create_user.js';
import type { AuthenticateUserResults } from './commands/authenticate_user.js';
import type { JoinChatroomResults } from './commands/join_chatroom.js';
import type { LeaveChatroomResults } from './commands/leave_chatroom.js';
import type { ChatroomMessageResults } from './commands/chatroom_message.js';
import type { LogOutResults } from './commands/log_out.js';
import type { BlockUserResults } from './commands/block_user.js';
import type { UnblockUserResults } from './commands/unblock_user.js';
import type { ListBlockedResults } from './commands/list_blocked.js';
import type { ListChatroomsResults } from './commands/list_chatrooms.js';
import type { ListUsersResults } from './commands/list_users.js';
import type { SetTopicResults } from './commands/set_topic.js';
import type { SetRoleResults } from './commands/set_role.js';
import type { DeleteMessageResults } from './commands/delete_message.js';
import type { ChatroomHistoryResults } from './commands/chatroom_history.js';
import type { GetMessageResults } from './commands/get_message.js';
import type { DirectMessageResults } from './commands/direct_message.js';
import type { DirectHistoryResults } from './commands/direct_history.js';
import type { ListConversationsResults } from './commands/list_conversations.js';
import type { MarkDirectReadResults } from './commands/mark_direct_read.js';
import type { GetDirectMessageResults } from './commands/get_direct_message.js';
import type { DeleteDirectMessageResults } from './commands/delete_direct_message.js';
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
  readonly block_user: BlockUserResults;
  readonly unblock_user: UnblockUserResults;
  readonly list_blocked: ListBlockedResults;
  readonly list_chatrooms: ListChatroomsResults;
  readonly list_users: ListUsersResults;
  readonly set_topic: SetTopicResults;
  readonly set_role: SetRoleResults;
  readonly delete_message: DeleteMessageResults;
  readonly chatroom_history: ChatroomHistoryResults;
  readonly get_message: GetMessageResults;
  readonly direct_message: DirectMessageResults;
  readonly direct_history: DirectHistoryResults;
  readonly list_conversations: ListConversationsResults;
  readonly mark_direct_read: MarkDirectReadResults;
  readonly get_direct_message: GetDirectMessageResults;
  readonly delete_direct_message: DeleteDirectMessageResults;
  readonly ping: PingResults;
  readonly help: HelpResults;
  readonly get_server: GetServerResults;
  readonly quit: QuitResults;
}
