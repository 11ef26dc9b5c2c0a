// The commands of single messages in rooms.
import { chatroomMessage } from '../chatroom_message.js';
import { deleteMessage } from '../delete_message.js';
import { markRead } from '../mark_read.js';
import { postMessage } from '../post_message.js';

/** Maps their names to their functions. */
export const messageCommands = {
  chatroom_message: chatroomMessage,
  delete_message: deleteMessage,
  post_message: postMessage,
  mark_read: markRead,
} as const;
