// An operator who is silent gives way to a new one: the one that was silent longest, and none with a command to be
// answered.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

t.test('the operator who was silent longest gives way, and is told so', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_OPERATORS: '3' } });
  const control = await daemon.control();
  const [first, second, third] = [
    await Client.connect(control),
    await Client.connect(control),
    await Client.connect(control),
  ];
  for (const each of [second, third, first]) await each.ok('status');
  const fourth = await Client.connect(control);
  await second.closed;
  t.match(second.lines.at(-1), { code: 199, body: { reason: 'you were idle, and another operator needs your place' } });
  for (const each of [first, third, fourth]) await each.ok('status');
});

t.test('an operator whose command runs does not give way', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_OPERATORS: '1', SALOND_PASSWORD_LOG_N: '16' } });
  const control = await daemon.control();
  const busy = await Client.connect(control);
  // It hashes a password.
  busy.send('create_account alice A B rabbit-hole');
  // The daemon runs in this process: some turns of its loop are enough to read the command.
  for (let turns = 0; turns < 20; turns += 1) await setImmediate();
  const other: Socket = connect(control);
  let text = '';
  other.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(other, 'close');
  t.match(text, /^199\t\{"reason":"the server has too many connections","retry_after":5000\}\n$/);
  t.equal((await busy.reply()).code, 1);
});
