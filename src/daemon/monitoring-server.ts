// The HTTP server for monitoring: /metrics for Prometheus, and /livez and /readyz for probes such as those of
// Kubernetes.
import { createServer, type Server, type ServerResponse } from 'node:http';

/** The functions that produce the server's answers. */
export interface MonitoringHandlers {
  /** The text of /metrics. A rejection is answered with 500. */
  readonly metrics: () => Promise<string>;
  /** The content type of /metrics. */
  readonly contentType: string;
  /** Why the daemon is not alive, because its store hangs for example; undefined if it is. Never rejects. */
  readonly live: () => Promise<string | undefined>;
  /** Why no clients should be sent to the daemon; undefined if they may. Never rejects. */
  readonly ready: () => Promise<string | undefined>;
}

/** Milliseconds that a request may take to arrive, and for which the client may read nothing of the answer. */
const requestMilliseconds = 10_000;

/** Milliseconds between two checks for requests that take too long. The default of Node.js is half a minute. */
const checkMilliseconds = 1000;

/** The most connections at one time. */
const maxConnections = 256;

/**
 * Creates the server, which does not listen yet. A connection gets one answer and is closed. Otherwise a client could
 * send many requests and read nothing, and the answers would pile up. Monitoring asks too seldom to need keep-alive.
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
    else if (path === '/livez') void answerProblem(response, live);
    else if (path === '/readyz') void answerProblem(response, ready);
    else answer(response, 404, 'there are /metrics, /livez and /readyz\n');
  });
  server.maxConnections = maxConnections;
  server.maxRequestsPerSocket = 1;
  server.timeout = requestMilliseconds;
  server.on('dropRequest', (_, socket) => socket.destroy());
  return server;
}

/** Answers 200, or 503 with the problem. */
async function answerProblem(response: ServerResponse, check: () => Promise<string | undefined>): Promise<void> {
  const problem = await check();
  answer(response, problem === undefined ? 200 : 503, `${problem ?? 'ok'}\n`);
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
