// Encodes the replies to messages that were stored (PROTOCOL.md §4.3, §5.3).
import { encodeSuccess } from './encode.js';
import { defaultFormat, type LineFormat } from './format.js';
import { code } from './generated/codes.js';
import { limits } from './generated/limits.js';
import type { Ref } from './refusal.js';

/** The commands whose replies tell that a message is stored. */
export type PostingCommand = 'chatroom_message' | 'post_message' | 'direct_message' | 'invite_user';

/**
 * Encodes the reply line to a message. Ids are dense, so `prev` is the id − 1.
 * @param room the room's name and its JSON
 * @param isDuplicate whether the message was stored before, under the same key (PROTOCOL.md §5.3)
 */
export function messageReply(
  ref: Ref | undefined,
  room: { readonly name: string; readonly json: string },
  id: number,
  isDuplicate: boolean,
  command: PostingCommand = 'chatroom_message',
  format: LineFormat = defaultFormat,
): string {
  // Most replies are these.
  if (format.variant === 0 && ref === undefined && !isDuplicate && format.maxLine >= limits.server_line_bytes) {
    return `${code.ok}\t{"command":"${command}","room":${room.json},"id":${id},"prev":${id - 1}}\n`;
  }
  const duplicate = isDuplicate ? true : undefined;
  return encodeSuccess(command, ref, { room: room.name, id, prev: id - 1, duplicate }, format);
}

/** Encodes the reply line to an invitation, whose notice is stored. */
export function invitationReply(ref: Ref | undefined, format: LineFormat = defaultFormat): string {
  return encodeSuccess('invite_user', ref, {}, format);
}

/** As `messageReply`, to direct_message. */
export function directReply(
  ref: Ref | undefined,
  id: number,
  isDuplicate: boolean,
  format: LineFormat = defaultFormat,
): string {
  return encodeSuccess('direct_message', ref, { id, prev: id - 1, duplicate: isDuplicate ? true : undefined }, format);
}
