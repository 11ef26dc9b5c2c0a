// The answer of a command, and its encoding as a line.
import { encodeList, encodeRefusal, encodeSuccess, type List } from '../wire/encode.js';
import { defaultFormat, type LineFormat } from '../wire/format.js';
import { json } from '../text/json.js';
import type { Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { CommandSpec } from '../wire/spec.js';

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

/** The edition of the contract that a session speaks (PROTOCOL.md §3.6). */
export type Edition = 1 | 2;

/** Encodes the reply line of a request that was carried out, or refused, for a session of that edition and format. */
export function encodeAnswer(
  { command, spec, ref, parameters }: AnyRequest,
  answer: Success | Refusal,
  edition: Edition,
  format: LineFormat = defaultFormat,
): Buffer | string {
  if ('code' in answer) {
    // A ref that is refused itself does not come back.
    return encodeRefusal({ ...answer, command, ref: answer.field === 'ref' ? undefined : ref }, format);
  }
  const results = edition === 2 ? answer.results : withoutNew(answer.results, spec);
  const { list } = answer;
  if (list === undefined) return encodeSuccess(command, ref, results, format);
  const make = (): string => encodeList(command, ref, results, list, format, afterOf(parameters));
  if (!('lineOf' in list.items)) return make();
  return list.items.lineOf(json([command, ref, results, list.name, list.more, format]), make);
}

/** The name behind which the request has its list begin. */
function afterOf(parameters: object): string | undefined {
  return 'after' in parameters && typeof parameters.after === 'string' ? parameters.after : undefined;
}

/** The results that the first edition has. */
function withoutNew(results: object, { newResults = [] }: CommandSpec): object {
  if (newResults.length === 0) return results;
  return Object.fromEntries(Object.entries(results).filter(([name]) => !newResults.includes(name)));
}
