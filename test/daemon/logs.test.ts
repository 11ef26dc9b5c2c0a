// Tests the log of the running daemon: JSON lines that name sessions and never a password or a message, and readable
// lines on a terminal.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import t from 'tap';
import { Client } from '../support/client.js';
import { cheapPasswords, launcher, startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.test('every event of a session is logged with its number, and no two sessions share a number', async (t) => {
  const daemon = startDaemon(t, { args: ['--log-level', 'trace'] });
  const port = await daemon.port();
  const clients = await Promise.all([1, 2, 3].map(() => Client.connect(port)));
  for (const [index, client] of clients.entries()) {
    await client.enter(`user${index}`, 'lobby');
    await client.request({ command: 'log_out' });
    await client.request({ command: 'authenticate_user', username: `user${index}`, password: 'wrong' });
    client.destroy();
    await client.closed;
  }
  t.match(await daemon.stop(), { code: 0 });
  t.equal(daemon.text, '', 'the daemon writes only JSON lines');
  const events = ['session_opened', 'user_created', 'authenticated', 'authentication_failed', 'session_closed'];
  for (const event of events) {
    const ids = daemon.log.filter((entry) => entry.event === event).map(({ session }) => session);
    t.same([...ids].sort(), [1, 2, 3], event);
  }
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
  for (const entry of daemon.log) t.match(entry, { time, level: String, event: /^[a-z_]+$/ });
});

t.test('no password and no message is logged at any level', async (t) => {
  const daemon = hostDaemon(t, {
    args: ['--log-level', 'trace'],
    env: { SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '12', SALOND_EXEMPT_ADDRESSES: '' },
  });
  const client = await Client.connect(await daemon.port());
  let secrets = 0;
  /** A new secret for each request, so that a leak shows its place. */
  const secret = (): string => `Secret${secrets++}-of-this-test`;
  const user = { command: 'create_user', username: 'alice', first_name: 'Alice', last_name: 'Liddell' };
  const login = { command: 'authenticate_user', username: 'alice' };
  const message = { command: 'chatroom_message', username: 'alice', room: 'lobby' };
  const password = secret();
  const conversation: readonly (readonly [code: number, request: object | string])[] = [
    [7, { ...user, username: '?', password: secret() }],
    [7, { ...user, password: secret().repeat(100) }],
    [3, { command: 'create_user', password: secret() }],
    [1, { ...user, password }],
    [4, { ...user, password: secret() }],
    [4, { ...login, password: secret() }],
    [4, `authenticate_user mallory ${secret()}`],
    [5, `{"command":"authenticate_user","username":"alice","password":"${secret()}`],
    [5, `authenticate_user "alice ${secret()}`],
    [6, `authenticate_alice ${secret()}`],
    [15, `authenticate_user alice ${secret()}${'x'.repeat(20_000)}`],
    [8, { ...message, message: secret() }],
    [1, { ...login, password }],
    [13, { ...login, password: secret() }],
    [10, { ...message, message: secret() }],
    [1, { command: 'join_chatroom', username: 'alice', room: 'lobby' }],
    [9, { ...message, username: 'bob', message: secret() }],
    [1, { ...message, message: secret(), key: 'key 1' }],
    [18, { ...message, message: secret(), key: 'key 1' }],
    [1, `chatroom_message alice lobby ${secret()}`],
    [7, { ...message, message: secret().repeat(200) }],
    [1, { command: 'ping', data: secret() }],
    [1, { command: 'log_out' }],
    ...Array.from({ length: 10 }, () => [4, { ...login, password: secret() }] as const),
  ];
  for (const [code, request] of conversation) {
    const reply = await client.request(request);
    // Towards the end the throttle answers 14, which is one more way to fail.
    const isExpected = reply.code === code || (code === 4 && reply.code === 14);
    t.ok(isExpected, `${JSON.stringify(request).slice(0, 100)} was answered ${reply.raw}`);
  }
  t.ok(client.lines.some(({ code }) => code === 14));
  client.socket.write(`{"command":"authenticate_user","username":"alice","password":"${secret()}`);
  client.destroy();
  await daemon.stop();
  t.ok(daemon.log.length > 5);
  const all = JSON.stringify(daemon.log) + daemon.text;
  t.same(all.match(/Secret\d*/g) ?? [], []);
});

t.test('a password that is typed in place of the username is not logged either', async (t) => {
  const daemon = hostDaemon(t, { args: ['--log-level', 'trace'] });
  const client = await Client.connect(await daemon.port());
  await client.enter('alice');
  t.equal((await client.request('log_out')).code, 1);
  t.equal((await client.request('authenticate_user Secret-of-this-test alice')).code, 4);
  client.destroy();
  await daemon.stop();
  t.notMatch(JSON.stringify(daemon.log), 'Secret');
});

t.test('on a terminal a line has time, level, event and then the fields', { skip: noPrograms('script') }, async (t) => {
  const data = temporaryFolder(t);
  const command = `exec '${process.execPath}' '${launcher}' --listen 127.0.0.1:0 --listen '[::1]:0' --data '${data}'`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1', ...cheapPasswords },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  let port = 0;
  for await (const line of createInterface(child.stdout)) {
    lines.push(line.trimEnd());
    const ready = / ready .*\bpid=(\d+) .*127\.0\.0\.1:(\d+)/.exec(line);
    if (ready === null) continue;
    port = Number(ready[2]);
    const client = await Client.connect(port);
    await client.enter('alice');
    client.destroy();
    process.kill(Number(ready[1]), 'SIGTERM');
  }
  t.not(port, 0);
  for (const line of lines) t.match(line, /^\d\d:\d\d:\d\d\.\d{3} [a-z]+ +[a-z_]+( [a-z_]+=\S.*)?$/);
  t.same(
    lines.map((line) => line.split(/ +/)[2]),
    ['ready', 'user_created', 'authenticated', 'stopping', 'stopped'],
  );
});

t.test('an uncaught error and a warning of Node.js are logged', async (t) => {
  // As soon as the daemon is there to hear of both.
  const script = `
    const waiting = setInterval(() => {
      if (process.listenerCount('uncaughtException') === 0 || process.listenerCount('warning') === 0) return;
      clearInterval(waiting);
      process.emitWarning('careful');
      Promise.reject(new Error('boom'));
    }, 100)`;
  const daemon = startDaemon(t, {
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(script)}` },
  });
  t.equal((await daemon.exited).code, 1);
  t.match(daemon.log.slice(-2), [
    { event: 'runtime_warning', level: 'warn', err: { message: 'careful' } },
    { event: 'uncaught', level: 'fatal', err: { message: 'boom', stack: String } },
  ]);
  t.equal(daemon.text, '', 'nothing else is written');
});
