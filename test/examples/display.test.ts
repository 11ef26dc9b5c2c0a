// Tests the display of examples/display: the last five messages of a room and those that come, in one buffer.
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';
import { copyExamples, footprintOf, make } from './build.js';
import { Program } from './program.js';

const skip = noPrograms('cc', 'make', 'size');
const room = 'hall';

/** Makes a user with a token. */
async function tokenOf(port: number, username: string): Promise<string> {
  const client = await (await Client.connect(port)).enter(username);
  const { body } = await client.ok('create_token');
  client.destroy();
  return String(body['token']);
}

const say = (message: string, more: object = {}): object => ({
  command: 'chatroom_message',
  username: 'alice',
  room,
  message,
  ...more,
});

/** What it has shown, without the times. */
const shown = ({ stdout }: Program): string[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\d\d:\d\d /, ''));

t.test('it shows the last five messages and those that come, and no control character', { skip }, async (t) => {
  const examples = copyExamples(t);
  const path = make(examples, 'display');
  const port = await hostDaemon(t).port();
  const token = await tokenOf(port, 'screen');
  const alice = await (await Client.connect(port)).enter('alice', room);
  const bob = await (await Client.connect(port)).enter('bob', room);
  for (let each = 1; each <= 7; each += 1) await alice.ok(say(`message ${each}`));
  await alice.ok({ command: 'delete_message', room, id: 4 });
  await alice.ok(say('reads', { kind: 'action' }));
  const display = new Program(t, path, ['127.0.0.1', String(port), room], { SALON_TOKEN: token });
  await display.until((each) => shown(each).length === 5);
  t.same(shown(display), [
    'alice: (deleted)',
    'alice: message 5',
    'alice: message 6',
    'alice: message 7',
    '* alice reads',
  ]);
  await alice.ok(say('a\tb\\n\nc\u001b[31m \u007f é \u{1F600}'));
  await alice.ok(say('x'.repeat(4096)));
  bob.destroy();
  await alice.ok(say('é'.repeat(2048)));
  await alice.ok(say('the end'));
  await display.until(({ stdout }) => stdout.includes('the end'));
  const [control, long, wide, last, ...more] = shown(display).slice(5);
  t.equal(control, 'alice: a b\\n c?[31m ? é \u{1F600}');
  t.match(long, /^alice: x{300,500}\.\.\.$/);
  t.match(wide, /^alice: é{150,250}\.\.\.$/);
  t.equal(last, 'alice: the end');
  t.same(more, [], 'nobody who comes or goes is shown');
  t.match(display.stdout.split('\n')[0], /^\d\d:\d\d alice/);
  alice.destroy();
  const { variables } = footprintOf(join(examples, 'display'), ['display', 'link', 'proof', 'sha256']);
  t.ok(variables < 1024, `${variables} bytes of variables, 512 of which are the buffer`);
});

t.test('it comes back when the server does, and shows nothing twice', { skip }, async (t) => {
  const path = make(copyExamples(t), 'display');
  const [data, port] = [temporaryFolder(t), await freePort()];
  const args = ['--listen', `127.0.0.1:${port}`];
  const first = startDaemon(t, { data, args });
  await first.port();
  const token = await tokenOf(port, 'screen');
  const alice = await (await Client.connect(port)).enter('alice', room);
  const display = new Program(t, path, ['127.0.0.1', String(port), room], { SALON_TOKEN: token });
  for (const text of ['one', 'two']) await alice.ok(say(text));
  await display.until((each) => shown(each).length === 2);
  await first.stop('SIGKILL');
  await startDaemon(t, { data, args }).port();
  const again = await (await Client.connect(port)).enter('alice', room);
  await again.ok(say('three'));
  await display.until(({ stdout }) => stdout.includes('three'));
  t.same(shown(display), ['alice: one', 'alice: two', 'alice: three']);
  again.destroy();
});

t.test('it says why it is not in the room', { skip }, async (t) => {
  const path = make(copyExamples(t), 'display');
  const port = await hostDaemon(t).port();
  const token = await tokenOf(port, 'screen');
  const alice = await (await Client.connect(port)).enter('alice', room);
  await alice.ok({ command: 'set_chatroom', room, members_only: true });
  const display = new Program(t, path, ['127.0.0.1', String(port), room], { SALON_TOKEN: token });
  await display.until(({ stderr }) => stderr.includes('\n'));
  t.match(display.stderr, /^hall was answered 12: /);
  alice.destroy();
});
