// A client of the first edition reads, byte for byte, what it read then (PROTOCOL.md §3.6). PROTOCOL-0.1.0.md is the
// page of salond 0.1.0: its conversations and its clients are held against this daemon. Times may differ, and what the
// contract lets change: the sentences in `error` and `help`, and `version` and `commands` of get_server.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { codeBlocks, onlyBlock } from '../documents/code-blocks.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';
import { Raw } from '../support/raw-client.js';

const page = 'test/clients/PROTOCOL-0.1.0.md';
const blocks = codeBlocks(page, '').map((block) => block.split('\n').filter((line) => line !== ''));

/** Puts `*` in the place of what may differ. */
function fixed(lines: string): string {
  return lines
    .replace(/"time":"\d{4}-[^"]*Z"/g, '"time":"*"')
    .replace(/"(error|summary|version)":"(?:[^"\\]|\\.)*"/g, '"$1":"*"')
    .replace(/"commands":\[[^\]]*\]/g, '"commands":["*"]');
}

const isFromServer = (line: string): boolean => /^\d+\t/.test(line);

/** The block of the page that has this line. */
function blockWith(line: string): string[] {
  const found = blocks.find((block) => block.includes(line));
  if (found === undefined) throw new Error(`the page has no block with ${line}`);
  return found;
}

t.test('the conversation of the page is as it was', async (t) => {
  const port = await hostDaemon(t).port();
  const [alice, bob] = [await Raw.connect(t, port), await Raw.connect(t, port)];
  let read = '';
  for (const line of blocks[0] ?? []) {
    if (!isFromServer(line)) {
      read += await alice.ask(line);
      continue;
    }
    if (!/^10[01]\t/.test(line)) continue;
    if (line.startsWith('101')) {
      await bob.ask('create_user bob Bob Builder yes we can');
      await bob.ask('authenticate_user bob yes we can');
      await bob.ask('join_chatroom bob lobby');
    } else await bob.ask('chatroom_message bob lobby good evening');
    read += await alice.take(1);
  }
  const expected = (blocks[0] ?? []).filter(isFromServer).map((line) => `${line}\n`);
  t.equal(fixed(read), fixed(expected.join('')));
});

/** The commands in an order in which the page's example of each has the page's reply. */
const commands = [
  ...['create_user', 'get_server', 'authenticate_user', 'join_chatroom', 'chatroom_message', 'list_users'],
  ...['list_chatrooms', 'chatroom_history', 'ping', 'help', 'leave_chatroom', 'log_out', 'quit'],
];

/** The requests and the reply that the page shows of a command: in JSON and, mostly, as it is typed. */
function exampleOf(command: string): readonly [request: readonly string[], reply: string] {
  const reply = new RegExp(`^1\t{"command":"${command}"[,}]`);
  const block = blocks.findLast(
    (lines) =>
      lines[0]?.startsWith(`{"command":"${command}"`) === true && lines.length < 4 && reply.test(lines.at(-1) ?? ''),
  );
  if (block === undefined) throw new Error(`the page has no example of ${command}`);
  return [block.slice(0, -1), `${block.at(-1)}\n`];
}

for (const form of [0, 1]) {
  t.test(`each example of the page has its reply, ${form === 0 ? 'in JSON' : 'as it is typed'}`, async (t) => {
    const port = await hostDaemon(t).port();
    const alice = await Raw.connect(t, port);
    for (const command of commands) {
      const [requests, reply] = exampleOf(command);
      const past = command === 'chatroom_history' ? 1 : 0;
      const read = await alice.ask(requests[form] ?? requests[0] ?? '', past + 1);
      t.equal(fixed(read).split('\n').slice(past).join('\n'), fixed(reply), command);
    }
  });
}

t.test('a device that comes back reads what the page says', async (t) => {
  const port = await hostDaemon(t).port();
  const [alice, pump] = [await Raw.connect(t, port), await Raw.connect(t, port)];
  const enter = async (client: Raw, name: string, password: string): Promise<void> => {
    await client.ask(`create_user ${name} A B ${password}`);
    await client.ask(`authenticate_user ${name} ${password}`);
    await client.ask(`join_chatroom ${name} waterworks`);
  };
  await enter(alice, 'alice', 'down the rabbit hole');
  await enter(pump, 'pump-7', 'a long random word');
  for (const text of ['1', '2', '3', 'all well?']) await alice.ask(`chatroom_message alice waterworks ${text}`);
  const requests = blockWith('{"command":"join_chatroom","username":"pump-7","room":"waterworks","after":3}');
  const replies = blocks[blocks.indexOf(requests) + 1] ?? [];
  await pump.take(4);
  await pump.ask(requests[2] ?? '');
  pump.socket.destroy();
  await alice.take(3);
  const again = await Raw.connect(t, port);
  const read = await again.ask(requests.join('\n'), replies.length);
  t.equal(fixed(read), fixed(replies.map((line) => `${line}\n`).join('')));
});

t.test('refusals have the members that they had', async (t) => {
  const port = await hostDaemon(t).port();
  const guest = await Raw.connect(t, port);
  await guest.ask('create_user alice Alice Liddell down the rabbit hole');
  const alice = await Raw.connect(t, port);
  await alice.ask('authenticate_user alice down the rabbit hole');
  await alice.ask('join_chatroom alice lobby');
  await alice.ask('{"command":"chatroom_message","username":"alice","room":"lobby","message":"a","key":"k"}');
  const asked: readonly (readonly [Raw, string, number])[] = [
    [guest, '{"ref":7}', 3],
    [guest, 'create_user bob', 3],
    [guest, 'create_user ALICE A B another password', 4],
    [guest, 'authenticate_user alice wrong', 4],
    [guest, '{"command"', 5],
    [guest, '{"command":7}', 6],
    [alice, '{"command":"chatroom_history","ref":8,"room":"lobby","after":1,"before":2}', 7],
    [guest, 'join_chatroom alice lobby', 8],
    [alice, 'join_chatroom bob lobby', 9],
    [alice, 'chatroom_message alice attic hello', 10],
    [alice, 'help dancing', 11],
    [alice, 'authenticate_user alice down the rabbit hole', 13],
    [alice, 'x'.repeat(17_000), 15],
    [alice, '{"command":"chatroom_message","username":"alice","room":"lobby","message":"b","key":"k"}', 18],
  ];
  const lines = blocks
    .flat()
    .filter((line) => /^\d+\t.*"error"/.test(line))
    .map((line) => `${fixed(line)}\n`);
  for (const [client, request, code] of asked) {
    const read = fixed(await client.ask(request));
    t.ok(read.startsWith(`${code}\t`) && lines.includes(read), read);
  }
});

t.test('what others do that is new shows nothing new', async (t) => {
  const port = await hostDaemon(t).port();
  const [first, owner] = [await Raw.connect(t, port), await Client.connect(port)];
  await owner.enter('owner');
  await owner.ok({ command: 'set_session', ascii: true, max_line: 2048 });
  await owner.ok({ command: 'join_chatroom', username: 'owner', room: 'lobby' });
  await first.ask('create_user alice Alice Liddell down the rabbit hole');
  await first.ask('authenticate_user alice down the rabbit hole');
  await owner.ok({ command: 'direct_message', to: 'alice', message: 'psst' });
  await owner.ok({ command: 'set_chatroom', room: 'lobby', welcome: 'Welcome.' });
  const joined = await first.ask('join_chatroom alice lobby');
  t.equal(
    joined,
    '1\t{"command":"join_chatroom","room":"lobby","count":2,"topic":"","last":0,"users":["owner","alice"]}\n',
  );
  await owner.ok({ command: 'set_topic', room: 'lobby', topic: 'Tea' });
  await owner.ok({ command: 'set_role', room: 'lobby', user: 'alice', role: 'moderator' });
  await owner.ok({ command: 'direct_message', to: 'alice', message: 'psst' });
  await owner.say('owner', 'lobby', 'é');
  await owner.ok({ command: 'delete_message', room: 'lobby', id: 1 });
  await owner.ok({ command: 'post_message', room: 'lobby', message: 'bye' });
  const events = await first.ask('ping', 3);
  t.equal(
    fixed(events),
    '100\t{"room":"lobby","id":1,"prev":0,"username":"owner","message":"é","time":"*"}\n' +
      '100\t{"room":"lobby","id":2,"prev":1,"username":"owner","message":"bye","time":"*"}\n' +
      '1\t{"command":"ping"}\n',
  );
  await owner.ok({ command: 'kick_user', room: 'lobby', user: 'alice', reason: 'enough' });
  t.equal(await first.take(1), '106\t{"room":"lobby","by":"owner","reason":"enough"}\n');
});

/** What a client of the page prints when bob speaks before and after it came, and it says one line itself. */
async function converse(t: Test, command: string, args: readonly string[]): Promise<void> {
  const port = await hostDaemon(t).port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  (await (await Client.connect(port)).enter('alice')).end();
  for (const text of ['one', 'two "é"']) await bob.say('bob', 'lobby', text);
  const client = spawn(command, [...args, '127.0.0.1', String(port), 'alice', 'lobby', '1'], {
    env: { PATH: process.env['PATH'] ?? '', SALON_PASSWORD: 'alice password' },
  });
  t.teardown(() => client.kill('SIGKILL'));
  let [out, err] = ['', ''];
  client.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  client.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  while ((await bob.event()).code !== 101);
  await bob.say('bob', 'lobby', 'three');
  while (!out.includes('three')) await once(client.stdout, 'data');
  client.stdin.write('hello, bob\n');
  while ((await bob.event()).code !== 100);
  client.stdin.end();
  const [code] = (await once(client, 'close')) as [number];
  t.equal(
    fixed(out),
    '{"room":"lobby","id":2,"prev":1,"username":"bob","message":"two \\"é\\"","time":"*"}\n' +
      '{"room":"lobby","id":3,"prev":2,"username":"bob","message":"three","time":"*"}\n',
  );
  t.same([err, code], ['last id 4\n', 0]);
  bob.destroy();
}

t.test('the client in C of 0.1.0 prints what it printed', { skip: noPrograms('cc') }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'salon.c'), onlyBlock(page, 'c'));
  t.equal(spawnSync('cc', ['-std=c99', '-o', 'salon', 'salon.c'], { cwd: folder }).status, 0);
  await converse(t, join(folder, 'salon'), []);
});

t.test('the client in shell of 0.1.0 prints what it printed', { skip: noPrograms('bash') }, async (t) => {
  const script = join(temporaryFolder(t), 'salon.sh');
  writeFileSync(script, onlyBlock(page, 'bash'));
  await converse(t, 'bash', [script]);
});
