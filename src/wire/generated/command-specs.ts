// Generated from protocol/commands/ by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../spec.js';
import { createUser } from './commands/create_user.js';
import { authenticateUser } from './commands/authenticate_user.js';
import { joinChatroom } from './commands/join_chatroom.js';
import { leaveChatroom } from './commands/leave_chatroom.js';
import { chatroomMessage } from './commands/chatroom_message.js';
import { logOut } from './commands/log_out.js';
import { blockUser } from './commands/block_user.js';
import { unblockUser } from './commands/unblock_user.js';
import { listBlocked } from './commands/list_blocked.js';
import { listChatrooms } from './commands/list_chatrooms.js';
import { listUsers } from './commands/list_users.js';
import { setTopic } from './commands/set_topic.js';
import { setRole } from './commands/set_role.js';
import { deleteMessage } from './commands/delete_message.js';
import { chatroomHistory } from './commands/chatroom_history.js';
import { getMessage } from './commands/get_message.js';
import { directMessage } from './commands/direct_message.js';
import { directHistory } from './commands/direct_history.js';
import { listConversations } from './commands/list_conversations.js';
import { markDirectRead } from './commands/mark_direct_read.js';
import { getDirectMessage } from './commands/get_direct_message.js';
import { deleteDirectMessage } from './commands/delete_direct_message.js';
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
  block_user: blockUser,
  unblock_user: unblockUser,
  list_blocked: listBlocked,
  list_chatrooms: listChatrooms,
  list_users: listUsers,
  set_topic: setTopic,
  set_role: setRole,
  delete_message: deleteMessage,
  chatroom_history: chatroomHistory,
  get_message: getMessage,
  direct_message: directMessage,
  direct_history: directHistory,
  list_conversations: listConversations,
  mark_direct_read: markDirectRead,
  get_direct_message: getDirectMessage,
  delete_direct_message: deleteDirectMessage,
  ping,
  help,
  get_server: getServer,
  quit,
};
