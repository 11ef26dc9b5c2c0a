// Why connections are refused and closed: the words of the 199, which are also the label in the metrics. The operator's
// guide has a row for each (docs/operating.md, "Limits"; test/documents/limits.test.ts).

/**
 * Why a connection gets no session. Those that could not be told, for lack of a line to tell it on, are said to
 * operators alone.
 */
export const refusedFor = {
  total: 'the server has too many connections',
  ofAddress: 'too many connections from your address',
  rate: 'too many new connections from your address',
  banned: 'your address is banned',
  proxiesOnly: 'only proxies may connect here',
  proxyHeader: 'no PROXY header came in time',
  handshakeLate: 'the TLS handshake did not end in time',
  handshakeGaveWay: 'the TLS handshake gave way to others',
  earlyBytes: 'too many bytes before the TLS handshake',
  memory: 'the server needs the memory that this connection takes',
  operators: 'too many operators',
  metricsFull: 'metrics: too many connections',
  metricsGaveWay: 'metrics: gave way before it asked',
  metricsLate: 'metrics: not in time',
} as const;

/** Why a connection that has a session is closed because a limit was met. */
export const closedFor = {
  slowly: 'you read too slowly',
  stalled: 'you read nothing for too long',
  memory: 'the server needs the memory that this session takes',
  gaveWay: 'you were silent, and another client needs your place',
  crowd: 'your network has more than its share of places, and another client needs one',
  login: 'you did not authenticate in time',
  line: 'the line did not end in time',
  silent: 'nothing came from you for too long',
  endlessLine: 'too many bytes without a line end',
  idleOperator: 'you were idle, and another operator needs your place',
} as const;
