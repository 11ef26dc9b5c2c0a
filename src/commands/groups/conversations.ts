// The commands of private messages.
import { blockUser, listBlocked, unblockUser } from '../blocks.js';
import { deleteDirectMessage } from '../delete_direct_message.js';
import { directHistory } from '../direct_history.js';
import { directMessage } from '../direct_message.js';
import { getDirectMessage } from '../get_direct_message.js';
import { listConversations } from '../list_conversations.js';
import { markDirectRead } from '../mark_direct_read.js';

/** Maps their names to their functions. */
export const conversationCommands = {
  block_user: blockUser,
  unblock_user: unblockUser,
  list_blocked: listBlocked,
  direct_message: directMessage,
  direct_history: directHistory,
  list_conversations: listConversations,
  mark_direct_read: markDirectRead,
  get_direct_message: getDirectMessage,
  delete_direct_message: deleteDirectMessage,
} as const;
