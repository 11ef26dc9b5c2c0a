// A session that asks for a keepalive (PROTOCOL.md §8.4), against the real daemon: it gets a 191 in its own form, and
// is closed when it stays silent. test/net/keepalives.test.ts has the times.
import { createInterface } from 'node:readline';
import { connect } from 'node:net';
import t from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

t.test('a silent session gets signs of life, and then a 199; one that answers stays', { buffered: true }, async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_METRICS_LISTEN: '127.0.0.1:0' } });
  const port = await daemon.port();
  const [silent, other] = [await Client.connect(port), await Client.connect(port)];
  const started = performance.now();
  for (const client of [silent, other])
    t.match(await client.ok({ command: 'set_session', keepalive: 10 }), { body: { keepalive: 10 } });
  const columns = connect(port, '127.0.0.1');
  t.teardown(() => columns.destroy());
  const lines = createInterface(columns)[Symbol.asyncIterator]();
  columns.write('{"command":"set_session","form":"tsv","keepalive":10}\n');
  t.match((await lines.next()).value, /^1\tset_session\t/);
  t.match((await silent.next()).code, 191);
  t.ok(performance.now() - started > 9900);
  t.match((await lines.next()).value, /^191\t\d{4}-[^\t]*Z$/);
  other.send('');
  await silent.closed;
  t.ok(performance.now() - started > 24_900);
  t.match(silent.lines.at(-1), { code: 199, body: { reason: 'nothing came from you for too long' } });
  await other.ok('ping');
  t.match(await daemon.metrics(), 'salond_connections_closed_total{reason="nothing came from you for too long"} ');
});
