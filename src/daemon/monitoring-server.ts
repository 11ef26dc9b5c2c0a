// The HTTP listener for those who watch: /metrics for Prometheus, /livez and /readyz for whoever decides about restarts
// and traffic.
import { createServer, type Server, type ServerResponse } from 'node:http';

export interface MonitoringHandlers {
  /** The text of /metrics, and its type. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  /** Why the daemon is not alive, if it is not: its store hangs. Never rejects. */
  readonly live: () => Promise<string | undefined>;
  /**
   * Why no clients should be sent to it, if none should: they are not let in, or nothing can be stored. Never rejects.
   */
  readonly ready: () => Promise<string | undefined>;
}

/** Milliseconds that a request has, and that whoever asked may read nothing of the answer. */
const requestMilliseconds = 10_000;

/** Between two looks at which requests have had their time; half a minute where nothing is said. */
const checkMilliseconds = 1000;

/** Connections at one time. */
const maxConnections = 256;

/**
 * The server, which does not listen yet. A connection has one answer and ends: a client that sends requests ahead and
 * reads nothing would have an answer kept for each, and those who watch ask too seldom to keep a connection.
 */
export function createMonitoringServer({ metrics, contentType, live, ready }: MonitoringHandlers): Server {
  const limits = {
    requestTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    connectionsCheckingInterval: checkMilliseconds,
  };
  const server = createServer(limits, (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'only GET\n');
    else if (path === '/metrics')
      void metrics().then(
        (text) => answer(response, 200, text, contentType),
        () => answer(response, 500, 'the metrics could not be read\n'),
      );
    else if (path === '/livez') void say(response, live);
    else if (path === '/readyz') void say(response, ready);
    else answer(response, 404, 'there are /metrics, /livez and /readyz\n');
  });
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = 1;
  server.timeout = requestMilliseconds;
  server.on('dropRequest', (_, socket) => socket.destroy());
  return server;
}

async function say(response: ServerResponse, ask: () => Promise<string | undefined>): Promise<void> {
  const problem = await ask();
  answer(response, problem === undefined ? 200 : 503, `${problem ?? 'ok'}\n`);
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
