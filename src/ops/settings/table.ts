// The table of all settings: name in the file, kind, default as the file would have it, and one line of explanation.
// The checks, the environment variables, --help, the example file and the type `Settings` all come from this table.

import { filePath, listenAddress, listenPlace, network, origin } from './addresses.js';
import { boolean, choice, integer, integerOrZero, list, text } from './kinds.js';
import type { Kind } from './kinds.js';

/** One setting. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  /** The default, as TOML would give it. */
  readonly default: string | number | boolean | readonly string[];
  /** One line, with the unit if there is one. */
  readonly explanation: string;
  /** Set if a reload applies the setting. Any other needs a restart. */
  readonly live?: true;
  /** Settings that need a restart and belong with this one: if one of them has changed, this one waits for it too. */
  readonly waitsFor?: readonly string[];
}

/** All settings, in the order of --help and of the example file. */
export const settingsTable = {
  listen: {
    kind: list(listenPlace, 1, 64),
    default: ['127.0.0.1:7256'],
    explanation:
      'where to listen; 0.0.0.0 is every IPv4 address, [::] every address, localhost both loopbacks, port 0 any free port',
  },
  tls_listen: {
    kind: list(listenAddress, 0, 64),
    default: [],
    explanation: 'addresses to listen on for TLS, version 1.2 or newer',
  },
  tls_certificate: {
    kind: list(filePath, 0, 64),
    default: [],
    live: true,
    waitsFor: ['tls_listen'],
    explanation:
      'certificate files in PEM, each with its chain; the name that a client asks for chooses one, otherwise the first is used',
  },
  tls_key: {
    kind: list(filePath, 0, 64),
    default: [],
    live: true,
    waitsFor: ['tls_listen'],
    explanation: 'private key files in PEM, in the order of tls_certificate; all files are read again when one changes',
  },
  tls_client_ca: {
    kind: text(0, 4096),
    default: '',
    live: true,
    waitsFor: ['tls_listen'],
    explanation:
      'file of authorities in PEM; a client with a certificate of theirs is logged in as the user it names; empty: off',
  },
  tls_psk_file: {
    kind: text(0, 4096),
    default: '',
    live: true,
    waitsFor: ['tls_listen'],
    explanation:
      'file of pre-shared keys, a line username:key each, the key in hexadecimal; who has the key is logged in; empty: off',
  },
  proxy_protocol: {
    kind: list(listenAddress, 0, 64),
    default: [],
    explanation:
      'addresses of listen and tls_listen on which every connection begins with a PROXY header, version 1 or 2',
  },
  trusted_proxies: {
    kind: list(network, 0, 1000),
    default: [],
    live: true,
    waitsFor: ['proxy_protocol'],
    explanation: 'addresses of the proxies that may connect to the addresses of proxy_protocol',
  },
  control_socket: {
    kind: text(0, 107),
    default: '',
    explanation:
      "Unix socket for salonctl, for the daemon's user and group only; empty: the file control in the data folder",
  },
  metrics_listen: {
    kind: list(listenAddress, 0, 1),
    default: [],
    explanation: 'address to listen on for HTTP: /metrics for Prometheus, /livez and /readyz, all without a login',
  },
  data: {
    kind: text(1, 4096),
    default: 'salond-data',
    explanation: 'data folder; a relative path starts at the folder in which the daemon is started',
  },
  durability: {
    kind: choice('full', 'relaxed'),
    default: 'full',
    explanation: 'full: a message is on disk before anyone sees it; relaxed: a power loss may take the newest messages',
  },
  log_level: {
    kind: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    live: true,
    explanation: 'lowest level that is logged',
  },
  audit_log: {
    kind: text(0, 4096),
    default: '',
    live: true,
    explanation:
      "file for logins, failed logins and operators' commands, which the log has too; opened again at a reload; empty: none",
  },
  registration: {
    kind: choice('open', 'invited', 'closed'),
    default: 'open',
    live: true,
    explanation:
      'who may create a user: open: anyone; invited: whoever has an invitation; closed: nobody, create_user answers 12',
  },
  keep_seconds: {
    kind: integerOrZero(60, 3_155_760_000),
    default: 0,
    live: true,
    explanation:
      "seconds for which messages are kept, where a room's own setting is not stricter; older ones are trimmed; 0: for ever",
  },
  keep_messages: {
    kind: integerOrZero(1, 1_000_000_000),
    default: 0,
    live: true,
    explanation: 'messages that are kept in each room, where its own setting is not stricter; 0: any number',
  },
  search_lag_messages: {
    kind: integer(1000, 1_000_000_000),
    default: 1_000_000,
    live: true,
    explanation:
      'how many messages the index of searches may be behind before it takes as much of a processor as it can',
  },
  allow_plaintext: {
    kind: boolean(),
    default: false,
    live: true,
    explanation:
      'true: accept passwords on unencrypted connections from other machines; false: answer them with code 17',
  },
  language: {
    kind: choice('en', 'fr'),
    default: 'en',
    live: true,
    explanation: 'language of errors and help in new sessions that choose none themselves: en: English; fr: French',
  },
  greeting: {
    kind: text(0, 500),
    default: '',
    live: true,
    explanation: 'text sent to every new connection as a notice, code 190; empty: none',
  },
  exempt_addresses: {
    kind: list(origin, 0, 1000),
    default: ['127.0.0.0/8', '::1'],
    live: true,
    explanation:
      'addresses without limits per address, such as gateways; their users have none on requests, rooms and sessions either',
  },
  max_connections: {
    kind: integer(1, 1_000_000),
    default: 10_000,
    live: true,
    explanation:
      'most connections at one time; beyond it a silent guest or one of a crowd is closed, or the new one is refused',
  },
  max_connections_per_address: {
    kind: integer(1, 1_000_000),
    default: 64,
    live: true,
    explanation: 'most connections at one time from one address',
  },
  connections_per_minute: {
    kind: integer(1, 1_000_000),
    default: 120,
    live: true,
    explanation: 'most new connections per minute from one address',
  },
  max_refused: {
    kind: integer(1, 4096),
    default: 32,
    live: true,
    explanation:
      'most refused clients that stay connected to read why; the others are closed at once, over TLS without a 199',
  },
  max_refused_per_address: {
    kind: integer(1, 4096),
    default: 8,
    live: true,
    explanation: 'most refused clients of one address that stay connected to read why',
  },
  max_handshakes: {
    kind: integer(1, 1_000_000),
    default: 256,
    live: true,
    explanation: 'most TLS handshakes that run at one time; the others wait, and the addresses take turns',
  },
  max_handshakes_per_address: {
    kind: integer(1, 1_000_000),
    default: 16,
    live: true,
    explanation: 'most TLS handshakes of one address that run at one time; the others wait',
  },
  handshake_seconds: {
    kind: integer(1, 60),
    default: 10,
    explanation: 'seconds that a TLS handshake may take, with its wait for a turn; then the connection is closed',
  },
  max_operators: {
    kind: integer(1, 1024),
    default: 32,
    live: true,
    explanation: 'most connections to control_socket at one time; beyond it the one that was silent longest is closed',
  },
  max_metrics_connections: {
    kind: integer(1, 1024),
    default: 16,
    live: true,
    explanation:
      'most connections to metrics_listen at one time; beyond it one that has asked nothing is closed, or else the new one',
  },
  metrics_seconds: {
    kind: integer(1, 60),
    default: 5,
    explanation:
      'seconds that a client of metrics_listen has to send its request, and as many again to read the answer',
  },
  password_attempts_per_minute: {
    kind: integer(1, 1_000_000),
    default: 30,
    live: true,
    explanation:
      'most passwords per minute from one address, of logins, registrations and the like; beyond it they are answered 14',
  },
  messages_per_second: {
    kind: integer(1, 1_000_000),
    default: 20,
    live: true,
    explanation:
      'most messages per second from one session, with bursts of five times as many; beyond it chatroom_message answers 14',
  },
  cost_per_second: {
    kind: integer(1, 1_000_000),
    default: 100,
    live: true,
    explanation:
      'cost per second of one session (a ping costs 1, a join 10), saved for up to two minutes; beyond it requests answer 14',
  },
  cost_per_second_per_user: {
    kind: integer(1, 1_000_000),
    default: 300,
    live: true,
    explanation:
      'cost per second of all sessions of one user together; each request is paid by its session, its user and its address',
  },
  cost_per_second_per_address: {
    kind: integer(1, 1_000_000),
    default: 1000,
    live: true,
    explanation: 'cost per second of all sessions from one address together; its guests have a quarter of it',
  },
  presence_limit: {
    kind: integer(1, 1_000_000),
    default: 200,
    live: true,
    explanation:
      'in a room with more users, clients of edition 2 are told once a second how many came and went, not who',
  },
  presence_grace_seconds: {
    kind: integer(0, 3600),
    default: 0,
    explanation:
      'seconds within which a user whose connection broke can come back to its rooms as if it had never left',
  },
  max_rooms_per_session: {
    kind: integer(1, 1_000_000),
    default: 1000,
    live: true,
    explanation: 'most rooms that a session is in at one time; beyond it join_chatroom answers 12',
  },
  max_rooms_per_user: {
    kind: integer(1, 100_000),
    default: 1000,
    live: true,
    explanation: 'most rooms that a user is a member of, and most invitations; beyond it join_chatroom answers 12',
  },
  max_new_rooms_per_day: {
    kind: integer(1, 1_000_000),
    default: 500,
    live: true,
    explanation: 'most rooms that a user makes from midnight to midnight UTC; beyond it join_chatroom answers 14',
  },
  max_new_rooms_per_day_per_address: {
    kind: integer(1, 1_000_000),
    default: 5000,
    live: true,
    explanation:
      'most rooms that all users from one address make from midnight to midnight UTC; beyond it join_chatroom answers 14',
  },
  max_new_conversations_per_day: {
    kind: integer(1, 1_000_000),
    default: 500,
    live: true,
    explanation:
      'most private conversations that a user begins from midnight to midnight UTC; beyond it direct_message answers 14',
  },
  max_new_conversations_per_day_per_address: {
    kind: integer(1, 1_000_000),
    default: 5000,
    live: true,
    explanation:
      'most private conversations that one address begins from midnight to midnight UTC; beyond it direct_message answers 14',
  },
  max_blocked_users: {
    kind: integer(1, 250),
    default: 200,
    live: true,
    explanation: 'most users whom a user blocks at one time; beyond it block_user answers 14',
  },
  max_new_users_per_day_per_address: {
    kind: integer(1, 1_000_000),
    default: 1000,
    live: true,
    explanation: 'most users made from one address from midnight to midnight UTC; beyond it create_user answers 14',
  },
  max_sessions_per_user: {
    kind: integer(1, 1_000_000),
    default: 64,
    live: true,
    explanation: 'most sessions of a user at one time; beyond it authenticate_user answers 14',
  },
  max_tokens_per_user: {
    kind: integer(1, 1000),
    default: 64,
    live: true,
    explanation: 'most tokens of a user, also of one from exempt_addresses; beyond it create_token answers 14',
  },
  max_line_bytes: {
    kind: integer(1024, 524_288),
    default: 16_384,
    explanation:
      "longest request line in bytes, without its end; a longer one answers 15; 512 KiB may take 160 ms of everybody's time",
  },
  max_outbox_bytes: {
    kind: integer(65_536, 1_073_741_824),
    default: 1_048_576,
    explanation: 'most bytes of events that wait for one connection; beyond it the connection is closed',
  },
  max_buffer_bytes: {
    // With less, an operator's backup, 0.35 MiB at a time, or some pages of history, 0.13 MiB each, would be put out.
    // warnings.ts warns of little more.
    kind: integerOrZero(1_048_576, 1_099_511_627_776),
    default: 0,
    live: true,
    explanation:
      'most bytes that connections keep in memory; beyond it the largest are closed; 0: a quarter of memory, at least 64 MiB',
  },
  guest_reply_bytes: {
    kind: integer(1024, 262_144),
    default: 16_384,
    explanation: "bytes of unread replies from which on a guest's next requests wait until it has read",
  },
  refusals_per_second: {
    kind: integer(1, 1_000_000),
    default: 100,
    live: true,
    explanation:
      "lines that a user, or an address's guests, may send each second although they are answered 14 or are no request",
  },
  turn_ms: {
    kind: integer(2, 100),
    default: 5,
    explanation:
      'milliseconds for which requests run before the network is read again: operators 3/8, users 3/8, guests 2/8',
  },
  changes_ms: {
    kind: integer(1, 100),
    default: 8,
    explanation:
      "milliseconds that new rooms, new users and operators' changes may take of a commit, whose messages wait meanwhile",
  },
  change_queue: {
    kind: integer(16, 10_000),
    default: 1024,
    explanation: 'most new rooms and new users that wait to be stored; beyond it one of them is answered 16',
  },
  stall_seconds: {
    kind: integer(1, 3600),
    default: 10,
    explanation: 'seconds after which a connection is closed if it reads nothing while something waits for it',
  },
  login_seconds: {
    kind: integer(1, 3600),
    default: 120,
    explanation: 'seconds that a connection has to authenticate before it is closed',
  },
  line_seconds: {
    kind: integer(1, 3600),
    default: 30,
    explanation: 'seconds that a line may take to its end, before authentication; then the connection is closed',
  },
  user_line_seconds: {
    kind: integer(1, 3600),
    default: 120,
    explanation: 'seconds that a line may take to its end, after authentication; then the connection is closed',
  },
  password_log_n: {
    kind: integer(10, 20),
    default: 15,
    explanation: "scrypt's cost for new passwords: N is 2 to the power of this",
  },
  password_r: {
    kind: integer(1, 32),
    default: 8,
    explanation: "scrypt's block size r; one password check needs 128 * N * r bytes of memory",
  },
  password_p: {
    kind: integer(1, 16),
    default: 3,
    explanation: "scrypt's parallelization p; time grows with it, memory does not",
  },
  password_queue: {
    kind: integer(1, 10_000),
    default: 64,
    explanation: 'most password checks that wait for their turn; beyond it one of them is answered 16',
  },
  password_threads: {
    kind: integerOrZero(1, 8),
    default: 0,
    explanation:
      "most password checks that run at one time, a processor and password_r's memory each; 0: half of the processors, 1 to 4",
  },
  password_stranger_share: {
    kind: integer(2, 100),
    default: 4,
    explanation:
      'one of this many password checks, and of the places to wait for one, is for unknown addresses while known ones wait',
  },
  known_address_days: {
    kind: integer(0, 365),
    default: 30,
    live: true,
    explanation: 'days after a login for which the password checks of its address come first; 0: no address is known',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** A setting's name in the file. */
export type Key = keyof typeof settingsTable;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/**
 * The checked settings: every key of the table in camelCase (`max_line_bytes` is `maxLineBytes`), with its kind's type.
 */
export type Settings = {
  readonly [Name in Key as Camel<Name>]: (typeof settingsTable)[Name]['kind'] extends Kind<infer Value> ? Value : never;
};

/** The names of all settings. */
export const settingKeys: readonly Key[] = Object.keys(settingsTable).filter(isKey);

/** Whether that is the name of a setting. */
export function isKey(name: string): name is Key {
  return Object.hasOwn(settingsTable, name);
}

/** The setting of that name, with a value of unknown type. */
export function setting(key: Key): Setting<unknown> {
  return settingsTable[key];
}

/** The environment variable that sets the key. */
export function variable(key: Key): string {
  return `SALOND_${key.toUpperCase()}`;
}

/** The settings from a checked value for every key. */
export function settingsOf(values: ReadonlyMap<Key, unknown>): Settings {
  const entries = settingKeys.map((key) => [camel(key), values.get(key)]);
  // The compiler can't see that each value has passed the check of its own key.
  return Object.fromEntries(entries) as Settings;
}

/** The name that a key has in `Settings`. */
export function camel(key: Key): keyof Settings {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof Settings;
}
