// Opens the HTTP listener of `metrics_listen`, and answers it from the daemon's status.
import type { Server } from 'node:http';
import { listen, type Listener, type ListenTarget } from '../net/listener.js';
import type { LiveSettings } from '../ops/settings/live.js';
import { inWords } from '../wire/words.js';
import { MetricsText } from './metrics-text.js';
import { MonitoringPlaces } from './monitoring-places.js';
import { createMonitoringServer, type MonitoringHandlers } from './monitoring-server.js';
import type { DaemonStatus } from './status.js';

/**
 * Serves /metrics, /livez and /readyz. `state` returns the daemon's state; it is ready for clients only while
 * `running`. Rejects with ListenError.
 */
export async function serveMonitoring(
  target: ListenTarget,
  live: LiveSettings,
  status: DaemonStatus,
  version: string,
  state: () => string,
): Promise<Listener> {
  // prom-client is loaded here, so that a daemon without metrics does not pay for it.
  const { createRegistry } = await import('../metrics/prometheus.js');
  const registry = createRegistry(status, version);
  // The servers of all addresses of the host share the text and the places.
  const text = new MetricsText(() => registry.metrics());
  const places = new MonitoringPlaces({
    get max() {
      return live.current.maxMetricsConnections;
    },
    milliseconds: live.current.metricsSeconds * 1000,
    onRefused: (reason) => status.counters.refuse(inWords(reason, 'en')),
  });
  const servers: Server[] = [];
  const createServer = (): Server => {
    const handlers: MonitoringHandlers = {
      metrics: async () => {
        // Makes an idle daemon commit something too, so that the metrics of commits are recent.
        await status.health.check('overview');
        return text.read(performance.now());
      },
      contentType: registry.contentType,
      live: async () => {
        const { alive, problem } = await status.health.check();
        return alive ? undefined : problem;
      },
      ready: async () => (state() === 'running' ? (await status.health.check()).problem : `the daemon is ${state()}`),
    };
    const server = createMonitoringServer(handlers, places);
    servers.push(server);
    return server;
  };
  const listener = await listen(target, createServer, ' for metrics');
  return {
    addresses: listener.addresses,
    close: () => {
      listener.close();
      for (const server of servers) server.closeAllConnections();
    },
  };
}
