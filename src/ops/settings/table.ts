// Every setting, once: its name in the file, what it takes, its default as the file would say it, and one line of explanation.
// The checks, the environment variables, --help, the example file and the type of `Settings` all come from this table.

import { filePath, listenAddress, network } from './addresses.js';
import { boolean, choice, integer, list, text } from './kinds.js';
import type { Kind } from './kinds.js';

export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly default: string | number | boolean | readonly string[];
  /** One line; with its unit where it has one. */
  readonly explanation: string;
  /** A reload applies it; any other needs a restart. */
  readonly live?: true;
  /** Of a live one: settings that need a restart and have a meaning together with it. Where one of them has changed, it waits with them. */
  readonly waitsFor?: readonly string[];
}

export const TABLE = {
  listen: {
    kind: list(listenAddress, 1, 64), default: ['127.0.0.1:7256'],
    explanation: 'where to listen; 0.0.0.0 is every IPv4 address, [::] every address, localhost both loopbacks, port 0 any free port',
  },
  tls_listen: {
    kind: list(listenAddress, 0, 64), default: [],
    explanation: 'where to listen for TLS, 1.2 and newer',
  },
  tls_certificate: {
    kind: list(filePath, 0, 64), default: [], live: true, waitsFor: ['tls_listen'],
    explanation: 'certificates in PEM, each with those that it needs; chosen by the name that a client asks for, else the first',
  },
  tls_key: {
    kind: list(filePath, 0, 64), default: [], live: true, waitsFor: ['tls_listen'],
    explanation: 'their private keys in PEM, in the same order; all are read again when one changes',
  },
  tls_client_ca: {
    kind: text(0, 4096), default: '', live: true, waitsFor: ['tls_listen'],
    explanation: 'authorities in PEM whose certificates name users, who need no password then; empty: nobody is asked for one',
  },
  proxy_protocol: {
    kind: list(listenAddress, 0, 64), default: [],
    explanation: 'those of listen and tls_listen where a proxy connects and begins with a PROXY header, version 1 or 2',
  },
  trusted_proxies: {
    kind: list(network, 0, 1000), default: [], live: true, waitsFor: ['proxy_protocol'],
    explanation: 'addresses that may connect where proxy_protocol says so, and are believed what they say',
  },
  control_socket: {
    kind: text(0, 107), default: '',
    explanation: 'Unix socket for salonctl, which only the user and the group of the daemon may open; empty: control in the data folder',
  },
  metrics_listen: {
    kind: list(listenAddress, 0, 1), default: [],
    explanation: 'where to listen for HTTP: /metrics for Prometheus, /livez and /readyz; nobody who asks there has to say who it is',
  },
  data: {
    kind: text(1, 4096), default: 'salond-data',
    explanation: 'folder of everything that is kept; a relative one is looked for where the daemon is started',
  },
  durability: {
    kind: choice('full', 'relaxed'), default: 'full',
    explanation: 'full: a message is on disk before anyone sees it; relaxed: no sync is awaited, power loss may take the last',
  },
  log_level: {
    kind: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), default: 'info', live: true,
    explanation: 'least severe events that are logged',
  },
  audit_log: {
    kind: text(0, 4096), default: '', live: true,
    explanation: 'file for who came in, who did not and what operators did, beside the log; opened again at a reload; empty: none',
  },
  registration: {
    kind: choice('open', 'closed'), default: 'open', live: true,
    explanation: 'whether anyone may create a user; closed: create_user answers 12',
  },
  allow_plaintext: {
    kind: boolean(), default: false, live: true,
    explanation: 'accept passwords on unencrypted connections from other machines; otherwise they get code 17',
  },
  greeting: {
    kind: text(0, 500), default: '', live: true,
    explanation: 'sent as a 190 notice to every new connection; empty: none',
  },
  exempt_addresses: {
    kind: list(network, 0, 1000), default: ['127.0.0.0/8', '::1'], live: true,
    explanation: 'addresses that no per-address limit counts, and whose sessions may send any number of messages',
  },
  max_connections: {
    kind: integer(1, 1_000_000), default: 10_000, live: true,
    explanation: 'connections at one time',
  },
  max_connections_per_address: {
    kind: integer(1, 1_000_000), default: 64, live: true,
    explanation: 'connections at one time from one address',
  },
  connections_per_minute: {
    kind: integer(1, 1_000_000), default: 120, live: true,
    explanation: 'new connections a minute from one address',
  },
  password_attempts_per_minute: {
    kind: integer(1, 1_000_000), default: 30, live: true,
    explanation: 'create_user and authenticate_user a minute from one address; beyond it they answer 14',
  },
  messages_per_second: {
    kind: integer(1, 1_000_000), default: 20, live: true,
    explanation: "messages a second from one session, with bursts of five seconds' worth; beyond it chatroom_message answers 14",
  },
  max_line_bytes: {
    kind: integer(1024, 524_288), default: 16_384,
    explanation: 'longest request line in bytes, its end not counted; a longer one gets code 15',
  },
  max_outbox_bytes: {
    kind: integer(65_536, 1_073_741_824), default: 1_048_576,
    explanation: 'bytes of events that may wait for one connection',
  },
  stall_seconds: {
    kind: integer(1, 3600), default: 10,
    explanation: 'seconds until a connection is closed that reads nothing while something waits for it',
  },
  login_seconds: {
    kind: integer(1, 3600), default: 120,
    explanation: 'seconds that a connection has to authenticate',
  },
  line_seconds: {
    kind: integer(1, 3600), default: 30,
    explanation: 'seconds for a line that has begun to end, before authentication',
  },
  user_line_seconds: {
    kind: integer(1, 3600), default: 120,
    explanation: 'the same once authenticated, when a person may be typing it',
  },
  password_log_n: {
    kind: integer(10, 20), default: 15,
    explanation: 'cost of scrypt for new passwords: N is 2 to the power of this',
  },
  password_r: {
    kind: integer(1, 32), default: 8,
    explanation: "scrypt's block size r; one password check takes 128 * N * r bytes of memory",
  },
  password_p: {
    kind: integer(1, 16), default: 3,
    explanation: "scrypt's parallelisation p; time grows with it, memory does not",
  },
  password_queue: {
    kind: integer(1, 10_000), default: 64,
    explanation: 'password checks that may wait for their turn; beyond it code 16',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** A setting's name in the file. */
export type Key = keyof typeof TABLE;

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name;

/** The checked settings: every key of the table in camelCase (`max_line_bytes` is `maxLineBytes`), with its kind's type. */
export type Settings = {
  readonly [Name in Key as Camel<Name>]: (typeof TABLE)[Name]['kind'] extends Kind<infer Value> ? Value : never;
};

export const KEYS: readonly Key[] = Object.keys(TABLE).filter(isKey);

export function isKey(name: string): name is Key {
  return Object.hasOwn(TABLE, name);
}

/** The setting behind a key, without what is particular to it. */
export function setting(key: Key): Setting<unknown> {
  return TABLE[key];
}

/** The environment variable that sets the key. */
export function variable(key: Key): string {
  return `SALOND_${key.toUpperCase()}`;
}

/** The settings from a checked value for every key. */
export function settingsOf(values: ReadonlyMap<Key, unknown>): Settings {
  const entries = KEYS.map((key) => [camel(key), values.get(key)]);
  // The one place where the compiler takes our word: each value passed its own key's check.
  return Object.fromEntries(entries) as Settings;
}

/** A key's name among `Settings`. */
export function camel(key: Key): keyof Settings {
  return key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof Settings;
}
