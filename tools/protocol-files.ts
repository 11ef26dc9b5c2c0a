// Reads protocol/ for the generator and for the tests that hold the documents to it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandSpec, FieldRule } from '../src/wire/spec.js';

export interface CodeEntry {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly french: string;
}

export interface EventEntry {
  readonly code: number;
  readonly name: string;
  readonly summary: string;
  readonly members: readonly string[];
  readonly example: Readonly<Record<string, unknown>>;
}

export interface Limits {
  readonly protocol: number;
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly [limit: string]: unknown;
}

export interface ProtocolFiles {
  /** In the order in which a client meets them. */
  readonly commands: readonly CommandSpec[];
  readonly codes: readonly CodeEntry[];
  readonly events: readonly EventEntry[];
  readonly limits: Limits;
  /** What only an operator's connection understands. */
  readonly operator: {
    readonly commands: readonly CommandSpec[];
    readonly events: readonly EventEntry[];
    readonly fields: Readonly<Record<string, FieldRule>>;
  };
}

/** The order of the contract's table; a command that is not named here follows, by name. */
const order = [
  'create_user',
  'authenticate_user',
  'join_chatroom',
  'leave_chatroom',
  'chatroom_message',
  'log_out',
  'list_chatrooms',
  'list_users',
  'chatroom_history',
  'ping',
  'help',
  'get_server',
  'quit',
];

function rank(name: string): number {
  const index = order.indexOf(name);
  return index === -1 ? order.length : index;
}

/** Reads the specs below `folder`. Throws what reading or parsing a file throws, and where a file's name is not its command's. */
export function readProtocol(folder: string): ProtocolFiles {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));
  const specs = (below: string): CommandSpec[] =>
    readdirSync(join(folder, below))
      .sort()
      .map((file) => {
        const spec = read(`${below}/${file}`) as CommandSpec;
        if (file !== `${spec.name}.json`) throw new Error(`protocol/${below}/${file} names ${spec.name}`);
        return spec;
      });
  return {
    commands: specs('commands').sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1)),
    codes: read('codes.json') as CodeEntry[],
    events: read('events.json') as EventEntry[],
    limits: read('limits.json') as Limits,
    operator: {
      commands: specs('operator/commands'),
      events: read('operator/events.json') as EventEntry[],
      fields: read('operator/fields.json') as ProtocolFiles['operator']['fields'],
    },
  };
}
