// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CreateUserParameters } from './commands/create_user.js';
import type { AuthenticateUserParameters } from './commands/authenticate_user.js';
import type { JoinChatroomParameters } from './commands/join_chatroom.js';
import type { LeaveChatroomParameters } from './commands/leave_chatroom.js';
import type { ChatroomMessageParameters } from './commands/chatroom_message.js';
import type { LogOutParameters } from './commands/log_out.js';
import type { CreateTokenParameters } from './commands/create_token.js';
import type { AuthenticateTokenParameters } from './commands/authenticate_token.js';
import type { ChallengeTokenParameters } from './commands/challenge_token.js';
import type { AuthenticateProofParameters } from './commands/authenticate_proof.js';
import type { DeleteTokenParameters } from './commands/delete_token.js';
import type { ListTokensParameters } from './commands/list_tokens.js';
import type { ChangePasswordParameters } from './commands/change_password.js';
import type { UpdateUserParameters } from './commands/update_user.js';
import type { GetUserParameters } from './commands/get_user.js';
import type { DeleteUserParameters } from './commands/delete_user.js';
import type { ListSessionsParameters } from './commands/list_sessions.js';
import type { EndSessionParameters } from './commands/end_session.js';
import type { BlockUserParameters } from './commands/block_user.js';
import type { UnblockUserParameters } from './commands/unblock_user.js';
import type { ListBlockedParameters } from './commands/list_blocked.js';
import type { ListChatroomsParameters } from './commands/list_chatrooms.js';
import type { ListMyRoomsParameters } from './commands/list_my_rooms.js';
import type { ListUsersParameters } from './commands/list_users.js';
import type { ListMembersParameters } from './commands/list_members.js';
import type { SetTopicParameters } from './commands/set_topic.js';
import type { SetChatroomParameters } from './commands/set_chatroom.js';
import type { DeleteChatroomParameters } from './commands/delete_chatroom.js';
import type { SetRoleParameters } from './commands/set_role.js';
import type { KickUserParameters } from './commands/kick_user.js';
import type { BanUserParameters } from './commands/ban_user.js';
import type { UnbanUserParameters } from './commands/unban_user.js';
import type { ListBansParameters } from './commands/list_bans.js';
import type { InviteUserParameters } from './commands/invite_user.js';
import type { PostMessageParameters } from './commands/post_message.js';
import type { DeleteMessageParameters } from './commands/delete_message.js';
import type { MarkReadParameters } from './commands/mark_read.js';
import type { ChatroomHistoryParameters } from './commands/chatroom_history.js';
import type { GetMessageParameters } from './commands/get_message.js';
import type { SearchChatroomParameters } from './commands/search_chatroom.js';
import type { DirectMessageParameters } from './commands/direct_message.js';
import type { DirectHistoryParameters } from './commands/direct_history.js';
import type { ListConversationsParameters } from './commands/list_conversations.js';
import type { MarkDirectReadParameters } from './commands/mark_direct_read.js';
import type { GetDirectMessageParameters } from './commands/get_direct_message.js';
import type { DeleteDirectMessageParameters } from './commands/delete_direct_message.js';
import type { SetSessionParameters } from './commands/set_session.js';
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
  readonly create_token: CreateTokenParameters;
  readonly authenticate_token: AuthenticateTokenParameters;
  readonly challenge_token: ChallengeTokenParameters;
  readonly authenticate_proof: AuthenticateProofParameters;
  readonly delete_token: DeleteTokenParameters;
  readonly list_tokens: ListTokensParameters;
  readonly change_password: ChangePasswordParameters;
  readonly update_user: UpdateUserParameters;
  readonly get_user: GetUserParameters;
  readonly delete_user: DeleteUserParameters;
  readonly list_sessions: ListSessionsParameters;
  readonly end_session: EndSessionParameters;
  readonly block_user: BlockUserParameters;
  readonly unblock_user: UnblockUserParameters;
  readonly list_blocked: ListBlockedParameters;
  readonly list_chatrooms: ListChatroomsParameters;
  readonly list_my_rooms: ListMyRoomsParameters;
  readonly list_users: ListUsersParameters;
  readonly list_members: ListMembersParameters;
  readonly set_topic: SetTopicParameters;
  readonly set_chatroom: SetChatroomParameters;
  readonly delete_chatroom: DeleteChatroomParameters;
  readonly set_role: SetRoleParameters;
  readonly kick_user: KickUserParameters;
  readonly ban_user: BanUserParameters;
  readonly unban_user: UnbanUserParameters;
  readonly list_bans: ListBansParameters;
  readonly invite_user: InviteUserParameters;
  readonly post_message: PostMessageParameters;
  readonly delete_message: DeleteMessageParameters;
  readonly mark_read: MarkReadParameters;
  readonly chatroom_history: ChatroomHistoryParameters;
  readonly get_message: GetMessageParameters;
  readonly search_chatroom: SearchChatroomParameters;
  readonly direct_message: DirectMessageParameters;
  readonly direct_history: DirectHistoryParameters;
  readonly list_conversations: ListConversationsParameters;
  readonly mark_direct_read: MarkDirectReadParameters;
  readonly get_direct_message: GetDirectMessageParameters;
  readonly delete_direct_message: DeleteDirectMessageParameters;
  readonly set_session: SetSessionParameters;
  readonly ping: PingParameters;
  readonly help: HelpParameters;
  readonly get_server: GetServerParameters;
  readonly quit: QuitParameters;
}

/** The name of any command. */
export type CommandName = keyof CommandParameters;

/** A command that needs a room which the session has joined. */
export type JoinedCommandName = 'leave_chatroom' | 'chatroom_message' | 'list_users' | 'list_members' | 'set_topic' | 'set_chatroom' | 'delete_chatroom' | 'set_role' | 'kick_user' | 'ban_user' | 'unban_user' | 'invite_user' | 'delete_message' | 'chatroom_history' | 'get_message' | 'search_chatroom';

/** A command that is about another user. */
export type TargetCommandName = 'get_user' | 'block_user' | 'unblock_user' | 'set_role' | 'kick_user' | 'ban_user' | 'unban_user' | 'invite_user' | 'direct_message';
