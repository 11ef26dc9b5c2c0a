// Reads protocol/ for the generator, the validator and the tests. protocol/README.md describes the files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandExample, CommandSpec, FieldRule } from '../src/wire/spec.js';
import { withDescriptions, type Catalogue, type Catalogues } from './words.js';

/** A member of a reply, of an event, or of an object inside one. */
export interface MemberSpec {
  readonly name: string;
  /** A key of types.json; or `object`, `list` or `map`. */
  readonly type: string;
  /** The elements of a list or the values of a map: a type, or the members of an object. */
  readonly of?: string | readonly MemberSpec[];
  /** The members of an `object`. */
  readonly members?: readonly MemberSpec[];
  /** The only strings that are allowed. */
  readonly values?: readonly string[];
  readonly optional?: boolean;
  readonly null?: boolean;
  /** 2: only sessions of the second edition get it. */
  readonly edition?: 2;
  /** One sentence for PROTOCOL.md. */
  readonly meaning: string;
}

/** A type of types.json. */
export interface TypeSpec {
  readonly json: 'string' | 'integer' | 'boolean' | 'string or integer';
  readonly meaning: string;
  /** The pattern that a string has to match. */
  readonly pattern?: string;
  /** The least integer. The greatest is 2^53 − 1. */
  readonly min?: number;
}

/** A file of commands/: the members that the daemon needs, and those that only documents and the validator need. */
export interface CommandFile extends CommandSpec {
  /** The members of a reply of code 1 after `command` and `ref`, in the order in which they are sent. */
  readonly results: readonly MemberSpec[];
  /** The members of a refusal by its code, if they differ from those in codes.json. */
  readonly refusals?: Readonly<Record<string, readonly MemberSpec[]>>;
  readonly example: CommandExample;
}

/** The requests that a code can answer. */
export type Answers =
  | 'any line'
  | 'any command'
  | 'a command with required parameters'
  | 'a command that needs a user'
  | "a command with the user's own name"
  | 'a command that lists it';

/** A code of replies. */
export interface CodeEntry {
  readonly code: number;
  readonly name: string;
  readonly answers: Answers;
  readonly meaning: string;
  readonly french: string;
  /** The members of the refusal after `error`. */
  readonly members?: readonly MemberSpec[];
}

/** An event. */
export interface EventEntry {
  readonly code: number;
  readonly name: string;
  readonly summary: string;
  /** 2: only sessions of the second edition get it. */
  readonly edition?: 2;
  readonly members: readonly MemberSpec[];
  readonly example: Readonly<Record<string, unknown>>;
}

/** limits.json. */
export interface Limits {
  readonly protocol: number;
  readonly server_line_bytes: number;
  readonly ref_characters: number;
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly [limit: string]: unknown;
}

/** All of protocol/ except the dialogues. */
export interface ProtocolFiles {
  /** In the order in which a client meets them. */
  readonly commands: readonly CommandFile[];
  readonly codes: readonly CodeEntry[];
  readonly events: readonly EventEntry[];
  readonly limits: Limits;
  readonly types: Readonly<Record<string, TypeSpec>>;
  /** The sentences by language. */
  readonly words: Catalogues;
  /** The commands, events and fields of operators' connections. */
  readonly operator: {
    readonly commands: readonly CommandFile[];
    readonly events: readonly EventEntry[];
    readonly fields: Readonly<Record<string, FieldRule>>;
  };
}

/** The order of PROTOCOL.md's table of commands. Commands that are not in this list follow, sorted by name. */
const order = [
  'create_user',
  'authenticate_user',
  'join_chatroom',
  'leave_chatroom',
  'chatroom_message',
  'log_out',
  'create_token',
  'authenticate_token',
  'challenge_token',
  'authenticate_proof',
  'delete_token',
  'list_tokens',
  'change_password',
  'update_user',
  'get_user',
  'delete_user',
  'list_sessions',
  'end_session',
  'block_user',
  'unblock_user',
  'list_blocked',
  'list_chatrooms',
  'list_my_rooms',
  'list_users',
  'list_members',
  'set_topic',
  'set_chatroom',
  'delete_chatroom',
  'set_role',
  'kick_user',
  'ban_user',
  'unban_user',
  'list_bans',
  'invite_user',
  'post_message',
  'delete_message',
  'mark_read',
  'chatroom_history',
  'get_message',
  'search_chatroom',
  'direct_message',
  'direct_history',
  'list_conversations',
  'mark_direct_read',
  'get_direct_message',
  'delete_direct_message',
  'set_session',
  'ping',
  'help',
  'get_server',
  'quit',
];

function rank(name: string): number {
  const index = order.indexOf(name);
  return index === -1 ? order.length : index;
}

/**
 * Reads the files below `folder`. Throws if a file can't be read or parsed, or if the name of a command's file differs
 * from the command's.
 */
export function readProtocol(folder: string): ProtocolFiles {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(folder, path), 'utf8'));
  const commandFiles = (below: string): CommandFile[] =>
    readdirSync(join(folder, below))
      .sort()
      .map((name) => {
        const file = read(`${below}/${name}`) as CommandFile;
        if (name !== `${file.name}.json`) throw new Error(`protocol/${below}/${name} names ${file.name}`);
        return file;
      });
  const commands = commandFiles('commands').sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const limits = read('limits.json') as Limits;
  return {
    commands,
    codes: read('codes.json') as CodeEntry[],
    events: read('events.json') as EventEntry[],
    limits,
    types: read('types.json') as ProtocolFiles['types'],
    words: {
      en: withDescriptions(read('words/en.json') as Catalogue, { commands, limits }),
      fr: read('words/fr.json') as Catalogue,
    },
    operator: {
      commands: commandFiles('operator/commands'),
      events: read('operator/events.json') as EventEntry[],
      fields: read('operator/fields.json') as ProtocolFiles['operator']['fields'],
    },
  };
}
