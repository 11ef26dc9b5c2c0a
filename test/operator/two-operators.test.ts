// Tests several operators that change one user at the same time: every reply is true, and a deletion is final.
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import type { RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

t.jobs = 2;

async function operators(
  t: Test,
  count: number,
): Promise<{ readonly daemon: RunningDaemon; readonly port: number; readonly all: readonly Client[] }> {
  const daemon = hostDaemon(t, { env: { SALOND_CONNECTIONS_PER_MINUTE: '1000' } });
  const all = await Promise.all(Array.from({ length: count }, async () => Client.connect(await daemon.control())));
  t.teardown(() => all.forEach((each) => each.destroy()));
  return { daemon, port: await daemon.port(), all };
}

const account = { first_name: 'A', last_name: 'L', password: 'rabbit-hole' };

t.test('a deleted user stays deleted, whatever other operators do at the same time', { buffered: true }, async (t) => {
  const {
    daemon,
    port,
    all: [first, ...others],
  } = await operators(t, 5);
  if (first === undefined) throw new Error('there are five operators');
  for (let each = 0; each < 5; each += 1) {
    const user = `user-${each}`;
    await first.ok({ command: 'create_account', username: user, ...account });
    const deleted = first.request({ command: 'delete_account', user });
    const changes = [
      { command: 'enable_account', user },
      { command: 'disable_account', user },
      { command: 'set_password', user, password: 'looking-glass' },
      { command: 'delete_account', user },
    ];
    const answers = await Promise.all(others.map((other, at) => other.request(changes[at] ?? {})));
    t.match(await deleted, { code: 1, body: { username: user } });
    for (const { code } of answers)
      t.ok(code === 1 || code === 11, 'the change was made before the deletion, or refused');
    const {
      body: { accounts },
    } = await first.ok({ command: 'list_accounts', after: `user-${each - 1}`, limit: 1 });
    t.same(accounts, [], 'it is not listed any more');
    const client = await Client.connect(port);
    for (const password of ['rabbit-hole', 'looking-glass']) {
      t.match(await client.request({ command: 'authenticate_user', username: user, password }), { code: 4 });
    }
    client.destroy();
  }
  await daemon.stop();
  await hostDaemon(t, { data: daemon.data }).logged('ready');
});

t.test('if two operators delete one user, one of them gets code 11', { buffered: true }, async (t) => {
  const {
    all: [first, second],
  } = await operators(t, 2);
  for (let each = 0; each < 5; each += 1) {
    const user = `user-${each}`;
    await first?.ok({ command: 'create_account', username: user, ...account });
    const answers = await Promise.all(
      [first, second].map(async (one) => one?.request({ command: 'delete_account', user })),
    );
    t.same(answers.map((answer) => answer?.code).sort(), [1, 11]);
  }
});
