// The answer of a command, and its encoding as a line.
import { encodeList, encodeRefusal, encodeSuccess, type List } from '../wire/encode.js';
import type { Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';

/** A reply of code 1. */
export interface Success {
  readonly results: object;
  /** A list among the results, which is cut where the line would grow too long. */
  readonly list?: List;
  /** Called when the reply is in the outbox, to send what has to come after it. */
  readonly afterwards?: () => void;
}

/** `on commit`: the reply comes when the message is committed (chat/delivery.ts). */
export type Answer = Success | Refusal | 'on commit';

/** Encodes the reply line of a request that was carried out, or refused. */
export function encodeAnswer({ command, ref }: AnyRequest, answer: Success | Refusal): string {
  if ('code' in answer) return encodeRefusal({ ...answer, command, ref });
  if (answer.list === undefined) return encodeSuccess(command, ref, answer.results);
  return encodeList(command, ref, answer.results, answer.list);
}
