// Replies and events → lines (PROTOCOL.md §3, §4): the only code that writes the protocol's output form.
import { code } from './generated/codes.js';
import { event, operatorEvent } from './generated/events.js';
import { limits } from './generated/limits.js';
import { json } from '../text/json.js';
import type { Ref, Refusal } from './refusal.js';

const eventCodes = { ...event, ...operatorEvent } as const;

function head(command: string, ref: Ref | undefined): string {
  return ref === undefined ? `{"command":"${command}"` : `{"command":"${command}","ref":${json(ref)}`;
}

/** The reply of a success: `results` is the members' JSON without braces, empty for none. */
function success(command: string, ref: Ref | undefined, results: string): string {
  return `${code.ok}\t${head(command, ref)}${results === '' ? '' : `,${results}`}}\n`;
}

/** The reply line of a success; members that are undefined are left out. */
export function encodeSuccess(command: string, ref: Ref | undefined, results: object): string {
  return success(command, ref, json(results).slice(1, -1));
}

/** A list among a reply's results, and whether more of it lies beyond what was asked for. */
export interface List {
  readonly name: string;
  readonly items: Iterable<unknown>;
  readonly more?: boolean;
}

/**
 * The reply line of a success whose list `name` is cut, with `"more":true`, where the line would grow too long (§1.3).
 */
export function encodeList(command: string, ref: Ref | undefined, results: object, list: List): string {
  const others = json(results).slice(1, -1);
  const frame = success(command, ref, `${others},"${list.name}":[],"more":false`);
  let room = limits.server_line_bytes - Buffer.byteLength(frame);
  let items = '';
  let more = list.more;
  for (const value of list.items) {
    const item = json(value);
    room -= Buffer.byteLength(item) + 1;
    if (room < 0) {
      more = true;
      break;
    }
    items += items === '' ? item : `,${item}`;
  }
  const members = [others, `"${list.name}":[${items}]`, more === undefined ? '' : `"more":${more}`];
  return success(command, ref, members.filter((member) => member !== '').join(','));
}

/** The reply line of a refusal. */
export function encodeRefusal({ code: number, error, field, retry_after, command, ref }: Refusal): string {
  return `${number}\t${json({ command, ref, error, field, retry_after })}\n`;
}

/** The line of a rare event. The frequent one, 100, is put together by `MessageLines`. */
export function encodeEvent(name: keyof typeof eventCodes, members: object): string {
  return `${eventCodes[name]}\t${json(members)}\n`;
}

/**
 * One message, with what is the same for many made once: `room`, `username` and `message` are JSON already, `time` is
 * RFC 3339.
 */
export interface MessageParts {
  readonly room: string;
  readonly id: number;
  readonly prev: number;
  readonly username: string;
  readonly message: string;
  readonly time: string;
}

function messageMembers({ room, id, prev, username, message, time }: MessageParts): string {
  return `"room":${room},"id":${id},"prev":${prev},"username":${username},"message":${message},"time":"${time}"}\n`;
}

/**
 * Lines of event 100 for one room and time, which are made together: the parts of all are joined once, and no string is
 * made for a line alone. That takes half the time, and leaves a fifth of the garbage. `room` and `username` are JSON
 * already.
 */
export class MessageLines {
  /** UTF-16 units of the lines so far. */
  length = 0;
  readonly #parts: string[] = [];
  readonly #head: string;
  readonly #tail: string;

  constructor(room: string, time: string) {
    this.#head = `${event.message}\t{"room":${room},"id":`;
    this.#tail = `,"time":"${time}"}\n`;
  }

  add(id: number, prev: number, username: string, message: string): void {
    const its = String(id);
    const before = String(prev);
    this.#parts.push(this.#head, its, prevName, before, usernameName, username, messageName, message, this.#tail);
    this.length +=
      this.#head.length +
      its.length +
      before.length +
      username.length +
      message.length +
      this.#tail.length +
      namesLength;
  }

  join(): string {
    return this.#parts.join('');
  }
}

const prevName = ',"prev":';
const usernameName = ',"username":';
const messageName = ',"message":';
const namesLength = prevName.length + usernameName.length + messageName.length;

/** The line of event 110, with the `ref` of the request that asked. */
export function pastMessageLine(parts: MessageParts, ref: Ref | undefined): string {
  return `${event.past_message}\t{${ref === undefined ? '' : `"ref":${json(ref)},`}${messageMembers(parts)}`;
}

/** The reply to chatroom_message: `room` is JSON already. */
export function messageReply(ref: Ref | undefined, room: string, id: number, prev: number, duplicate: boolean): string {
  return success(
    'chatroom_message',
    ref,
    `"room":${room},"id":${id},"prev":${prev}${duplicate ? ',"duplicate":true' : ''}`,
  );
}

/** Milliseconds since 1970 as RFC 3339 in UTC (PROTOCOL.md §4.1). */
export function encodeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
