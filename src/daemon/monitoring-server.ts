// The HTTP server for monitoring: /metrics for Prometheus, and /livez and /readyz for probes such as those of
// Kubernetes.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { MonitoringPlaces } from './monitoring-places.js';

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

/**
 * Creates the server, which does not listen yet. A connection gets one answer and is closed. Otherwise a client could
 * send many requests and read nothing, and the answers would pile up. Monitoring asks too seldom to need keep-alive.
 */
export function createMonitoringServer(
  { metrics, contentType, live, ready }: MonitoringHandlers,
  places: MonitoringPlaces,
): Server {
  const server = createServer((request, response) => {
    places.asked(request.socket);
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
  server.on('connection', (socket: Socket) => places.take(socket));
  server.maxRequestsPerSocket = 1;
  server.on('dropRequest', (_, socket) => socket.destroy());
  return server;
}

/** Answers 200, or 503 with the problem. */
async function answerProblem(response: ServerResponse, check: () => Promise<string | undefined>): Promise<void> {
  const problem = await check();
  answer(response, problem === undefined ? 200 : 503, `${problem ?? 'ok'}\n`);
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  // Without this `connection`, Node.js says that it closes the connection, and leaves that to the client.
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(text), connection: 'close' };
  response.writeHead(status, headers).end(text);
}
