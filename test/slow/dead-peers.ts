// `npm run test:slow`: the daemon notices within 150 seconds that a client's machine has disappeared. The test takes
// down the interface of the daemon's network namespace, which has the effect of a pulled cable.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { unshared, within } from '../support/namespace.js';
import { skipUnlessPossible } from '../support/skip.js';

const [unshare = '', ...options] = unshared('net');
const skip = skipUnlessPossible(
  spawnSync(unshare, [...options, 'ip', 'link', 'set', 'lo', 'up']).status === 0,
  'needs network namespaces and iproute2',
);

t.test(
  'the session of a client whose network is gone is closed within 150 seconds',
  { skip, timeout: 300_000 },
  async (t) => {
    const daemon = startDaemon(t, {
      under: [...unshared('net'), 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
      args: ['--log-level', 'debug'],
    });
    const port = await daemon.port();
    const [nsenter = '', ...there] = within('net', daemon.process.pid ?? 0);
    const talk =
      'const s = require("net").connect(Number(process.argv[1]), "127.0.0.1"); s.pipe(process.stdout);' +
      's.write("create_user alice A B rabbit-hole\\nauthenticate_user alice rabbit-hole\\n"); setInterval(() => 0, 1000);';
    const client = spawn(nsenter, [...there, process.execPath, '-e', talk, String(port)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.teardown(() => client.kill('SIGKILL'));
    await daemon.logged('authenticated');
    await once(client.stdout, 'data');
    const begun = performance.now();
    t.equal(spawnSync(nsenter, [...there, 'ip', 'link', 'set', 'lo', 'down']).status, 0);
    await daemon.logged('session_closed');
    const seconds = (performance.now() - begun) / 1000;
    t.comment(`gone after ${Math.round(seconds)} s`);
    t.ok(seconds < 150);
  },
);
