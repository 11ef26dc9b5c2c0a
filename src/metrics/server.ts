// The HTTP listener for those who watch: /metrics for Prometheus, /livez and /readyz for whoever decides about restarts and traffic.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Answers {
  /** The text of /metrics, and its type. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  /** The store answers · besides, connections are taken. */
  readonly live: () => Promise<boolean>;
  readonly ready: () => Promise<boolean>;
}

export interface MetricsServer {
  readonly address: string;
  close(): void;
}

/** Milliseconds that a request has. */
const requestMilliseconds = 10_000;

/** Rejects with what listening failed with. */
export function listenHttp(host: string, port: number, { metrics, contentType, live, ready }: Answers): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: requestMilliseconds, headersTimeout: requestMilliseconds }, (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'only GET\n');
    else if (path === '/metrics') void metrics().then((text) => answer(response, 200, text, contentType), () => answer(response, 500, 'the metrics could not be read\n'));
    else if (path === '/livez') void say(response, live);
    else if (path === '/readyz') void say(response, ready);
    else answer(response, 404, 'there are /metrics, /livez and /readyz\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      const { address, port: bound } = server.address() as AddressInfo;
      resolve({
        address: address.includes(':') ? `[${address}]:${bound}` : `${address}:${bound}`,
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

async function say(response: ServerResponse, isSo: () => Promise<boolean>): Promise<void> {
  const good = await isSo().catch(() => false);
  answer(response, good ? 200 : 503, good ? 'ok\n' : 'no\n');
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}
