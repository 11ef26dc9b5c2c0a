// Makes requests in the JSON form, good, half-good and broken, each with the codes that may answer it (group.ts).
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { anyCode, anyRef, bits, malformed, readable } from './group.js';
import { weighted, type Random } from './random.js';
import { commands, type Target } from './target.js';
import { badValue, goodValue } from './values.js';

const extras = [
  '"__proto__":{"username":"root"}',
  '"constructor":{"prototype":{}}',
  '"toString":null',
  '"":0',
  '"command":"ping"',
  '"command":null',
  '"command":[]',
  '"ref":{}',
  '"username":"nobody"',
  '"room":"elsewhere"',
  '"a":"'.padEnd(300, 'a') + '"',
  '"\\u0072oom":"by escape"',
  '"data":"\\u0000"',
] as const;

const allParameters = new Set(
  Object.values(commandSpecs).flatMap(({ parameters }) => parameters.map(({ name }) => name)),
);
const parameterNames = weighted<string>([1, 'ref'], ...[...allParameters].map((name) => [3, name] as const));

/**
 * Adds a request with members that are bad, missing, repeated or of another command. It is JSON, so its ref comes back.
 */
export function halfGood({ random, group, nextRef, ...context }: Target): void {
  const name = random.pick(commands);
  const ref = nextRef();
  let spoiled = false;
  let members = '';
  for (const parameter of commandSpecs[name].parameters) {
    const chance = random.below(10);
    if (chance === 0) continue;
    const bad = chance < 3 ? badValue(random) : undefined;
    if (bad?.spoils === true) spoiled = true;
    members += `,"${parameter.name}":${bad?.json ?? goodValue(parameter.name, random, context)}`;
  }
  if (random.once(16)) members += `,${random.pick(extras)}`;
  if (random.once(8)) {
    const extra = badValue(random);
    spoiled ||= extra.spoils;
    members += `,"${random.pick(parameterNames)}":${extra.json}`;
  }
  const command = random.once(20) ? badValue(random) : { json: `"${name}"`, spoils: false };
  const space = random.once(10) ? ' \t' : '';
  spoiled ||= command.spoils;
  const line = `${space}{${space}"command":${space}${command.json}${members},"ref":${ref}${space}}`;
  group.line(line, ref, spoiled ? malformed : readable);
}

/** Adds a good request. Its answer depends on the requests before it. */
export function good({ random, group, nextRef, ...context }: Target): void {
  const name = random.pick(commands);
  const ref = nextRef();
  const taken = (member: string, required: boolean): boolean => required || member === 'limit' || random.once(3);
  const parameters = commandSpecs[name].parameters.filter(({ name: member, required }) => taken(member, required));
  const members = parameters.map(({ name: member }) => `,"${member}":${goodValue(member, random, context)}`);
  group.line(`{"command":"${name}"${members.join('')},"ref":${ref}}`, ref, readable);
}

/**
 * Adds a request with a bad `ref` after a good one: the last counts, and only a good one comes back (PROTOCOL.md §2.3).
 */
export function badRef({ random, group, username, room }: Target): void {
  const { json, spoils } = badValue(random);
  const command = random.once(2) ? '"ping"' : `"list_users","username":"${username}","room":"${room}"`;
  group.line(`{"ref":7,"command":${command},"ref":${json}}`, anyRef, spoils ? malformed : readable);
}

/** Adds a ping, whose reply is known. */
export function ping({ random, group, nextRef }: Target): void {
  const ref = nextRef();
  group.line(`{"ref":${ref},"command":"ping","data":"${random.below(1_000_000)}"}`, ref, bits(1));
}

const sharpBytes = [
  0, 9, 13, 32, 34, 39, 44, 47, 58, 91, 92, 93, 123, 125, 127, 0x16, 0x03, 0x80, 0xbf, 0xc0, 0xc2, 0xe2, 0xed, 0xef,
  0xf0, 0xf4, 0xf8, 0xfd, 0xfe, 0xff,
] as const;

/** Any byte but LF, often one that means something to a parser. */
export function anyByte(random: Random): number {
  const byte = random.once(2) ? random.pick(sharpBytes) : random.below(256);
  return byte === 10 ? 11 : byte;
}

/** Changes one to four places: flips, overwrites, removes, repeats or inserts bytes, or cuts off the rest. */
function mutate(random: Random, source: Buffer): Buffer {
  let bytes = source;
  for (let changes = 1 + random.below(4); changes > 0 && bytes.length > 1; changes -= 1) {
    const at = random.below(bytes.length);
    const end = Math.min(bytes.length, at + 1 + random.below(12));
    switch (random.below(6)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        if (bytes[at] === 10) bytes[at] = 11;
        break;
      case 1:
        bytes[at] = anyByte(random);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([anyByte(random), anyByte(random)]),
          bytes.subarray(at),
        ]);
        break;
      default:
        bytes = bytes.subarray(0, at);
    }
  }
  return bytes;
}

/** Adds a good request whose bytes are changed, so that anything may answer it. */
export function mutated({ random, group, nextRef, ...context }: Target): void {
  const name = random.pick(commands);
  // A changed line may still create a user or a room, which costs a hash or a commit: so it seldom is such a command.
  const cheap = name === 'create_user' || (name === 'join_chatroom' && !random.once(8)) ? 'ping' : name;
  const { parameters } = commandSpecs[cheap];
  const members = parameters.map(({ name: member }) => `,"${member}":${goodValue(member, random, context)}`);
  group.line(
    mutate(random, Buffer.from(`{"command":"${cheap}"${members.join('')},"ref":${nextRef()}}`)),
    anyRef,
    anyCode,
  );
}
