// Tests the sketch of examples/arduino, compiled for this machine with what it needs of the Arduino core
// (test/examples/arduino).
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { noPrograms } from '../support/programs.js';
import { compile, copyExamples } from './build.js';
import { Program } from './program.js';

const skip = noPrograms('cc', 'g++');
const room = 'garden';

t.test('it posts each value once, and switches the LED', { skip }, async (t) => {
  const examples = copyExamples(t);
  const folder = join(examples, 'arduino');
  cpSync(join(root, 'test/examples/arduino'), folder, { recursive: true });
  for (const name of ['proof.h', 'proof.c', 'sha256.h', 'sha256.c'])
    copyFileSync(join(examples, 'sensor', name), join(folder, name));

  const [data, port] = [temporaryFolder(t), await freePort()];
  const args = ['--listen', `127.0.0.1:${port}`];
  let daemon = startDaemon(t, { data, args });
  await daemon.port();
  let alice = await (await Client.connect(port)).enter('alice', room);
  const pump = await (await Client.connect(port)).enter('pump');
  const [id = '', secret = ''] = String((await pump.ok('create_token')).body['token']).split('.');
  pump.destroy();
  const settings = readFileSync(join(folder, 'settings.h'), 'utf8')
    .replace('192.168.1.10', '127.0.0.1')
    .replace('7256', String(port))
    .replace(/(token_id\[\] = ").*"/, `$1${id}"`)
    .replace(/(secret\[\] = ").*"/, `$1${secret}"`);
  writeFileSync(join(folder, 'settings.h'), settings);
  const strict = ['-Os', '-Wall', '-Wextra', '-Werror'];
  compile(folder, 'cc', '-std=c99', ...strict, '-c', 'proof.c', 'sha256.c');
  const sources = ['-x', 'c++', 'arduino.ino', 'main.cpp', '-x', 'none', 'proof.o', 'sha256.o'];
  compile(folder, 'g++', '-std=c++17', ...strict, '-I.', '-include', 'Arduino.h', '-o', 'sketch', ...sources);

  const sketch = new Program(t, join(folder, 'sketch'), [], { SPEED: '60' });
  const said = (client: Client): string[] =>
    client.lines.filter(({ code }) => code === 100 || code === 110).map(({ body }) => String(body['message']));
  const hears = async (client: Client, count: number): Promise<void> => {
    while (said(client).length < count) await client.next();
  };
  await hears(alice, 2);
  t.same(said(alice), ['500', '501']);
  for (const message of ['led on', 'led of', 'led off'])
    await alice.ok({ command: 'chatroom_message', username: 'alice', room, message });
  await sketch.until(({ stdout }) => stdout.includes('pin 2 0'));
  t.same(
    sketch.stdout.split('\n').filter((line) => line.startsWith('pin')),
    ['pin 2 1', 'pin 2 0'],
  );

  await daemon.stop('SIGKILL');
  daemon = startDaemon(t, { data, args });
  await daemon.port();
  alice = await (await Client.connect(port)).enter('alice');
  alice.send({ command: 'join_chatroom', username: 'alice', room, after: 0 });
  await hears(alice, 9);
  const values = said(alice).filter((text) => /^\d+$/.test(text));
  t.same(
    values,
    values.map((_, each) => String(500 + each)),
    'each once, in order, also those of the time without a server',
  );
  alice.destroy();
});
