// The fast path for the common line: a chatroom_message as programs write it, with its members in the order of
// PROTOCOL.md's table and texts of printable ASCII without an escape. A line that the expression matches passes all
// checks of §2.4 and §6. That takes a quarter of the time of JSON.parse and the checks. Every other line takes the
// general path (request.ts); a property test compares the two.
import { commandSpecs } from './generated/command-specs.js';
import { limits } from './generated/limits.js';
import type { ChatroomMessageParameters } from './generated/commands/chatroom_message.js';
import type { Ref } from './refusal.js';
import type { CommandSpec } from './spec.js';

/** The request of a common line, as request.ts would make it. */
export interface CommonRequest {
  readonly command: 'chatroom_message';
  readonly spec: CommandSpec;
  readonly parameters: ChatroomMessageParameters;
  readonly ref: Ref | undefined;
  /** The message as it stands between the quotes in JSON, which is how it came. */
  readonly jsonText: string;
}

const { username, room, message, key } = limits.fields;
const plain = String.raw`[ !#-\[\]-~]`;

const common = new RegExp(
  String.raw`^\{"command":"chatroom_message","username":"([A-Za-z0-9][\w.-]{0,${username.max - 1}})"` +
    String.raw`,"room":"([A-Za-z0-9#+][\w.#+-]{0,${room.max - 1}})","message":"(${plain}{1,${message.max}})"` +
    String.raw`(?:,"key":"(${plain}{0,${key.max}})")?(?:,"ref":(?:(0|[1-9]\d{0,14})|"(${plain}{0,${limits.ref_characters}})"))?\}$`,
);

/** Parses a common line. Undefined for any other line. */
export function commonRequest(line: string): CommonRequest | undefined {
  const match = common.exec(line);
  if (match === null) return undefined;
  const [, name = '', roomName = '', jsonText = '', keyText, number, text] = match;
  const parameters = { username: name, room: roomName, message: jsonText };
  return {
    command: 'chatroom_message',
    spec: commandSpecs.chatroom_message,
    parameters: keyText === undefined ? parameters : { ...parameters, key: keyText },
    ref: number === undefined ? text : Number(number),
    jsonText,
  };
}
