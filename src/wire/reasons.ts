// Why connections are refused and closed: the words of the 199, which are also the label in the metrics. The operator's
// guide has a row for each (docs/operating.md, "Limits"; test/documents/limits.test.ts).
import { say, verbatim, type Sentence } from './words.js';

/**
 * Why a connection gets no session. Those that could not be told, for lack of a line to tell it on, are said to
 * operators alone.
 */
export const refusedFor = {
  total: say('reasons.connections_total'),
  ofAddress: say('reasons.connections_of_address'),
  rate: say('reasons.connection_rate'),
  banned: say('reasons.address_banned'),
  proxiesOnly: say('reasons.proxies_only'),
  proxyHeader: say('reasons.proxy_header_late'),
  handshakeLate: say('reasons.handshake_late'),
  handshakeGaveWay: say('reasons.handshake_gave_way'),
  earlyBytes: say('reasons.early_bytes'),
  memory: say('reasons.connection_memory'),
  operators: say('reasons.too_many_operators'),
  metricsFull: verbatim('metrics: too many connections'),
  metricsGaveWay: verbatim('metrics: gave way before it asked'),
  metricsLate: verbatim('metrics: not in time'),
} as const satisfies Readonly<Record<string, Sentence>>;

/** Why a connection that has a session is closed because a limit was met. */
export const closedFor = {
  slowly: say('reasons.read_slowly'),
  stalled: say('reasons.read_nothing'),
  memory: say('reasons.session_memory'),
  gaveWay: say('reasons.silent_guest'),
  crowd: say('reasons.crowded_network'),
  login: say('reasons.login_late'),
  line: say('reasons.line_late'),
  silent: say('reasons.silent'),
  endlessLine: say('reasons.endless_line'),
  idleOperator: say('reasons.idle_operator'),
} as const satisfies Readonly<Record<string, Sentence>>;
