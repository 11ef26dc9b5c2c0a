// Tests the audit trail in the log and in its own file: logins, failed logins and what operators did.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

t.jobs = 4;
const buffered = { buffered: true };

const entries = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

t.test(
  "every operator's act is in the audit file once, whatever the log's level, and no password is in it",
  async (t) => {
    const path = join(temporaryFolder(t), 'audit.jsonl');
    const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: path, SALOND_LOG_LEVEL: 'warn' }, args: [] });
    // At this level `ready` is not logged. The daemon is ready when its control socket exists.
    const control = join(daemon.data, 'control');
    while (statSync(control, { throwIfNoEntry: false }) === undefined)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    const operator = await Client.connect(control);
    await operator.ok({
      command: 'create_account',
      username: 'alice',
      first_name: 'A',
      last_name: 'B',
      password: 'rabbit-hole',
    });
    await operator.ok('status');
    await operator.ok('ban 192.0.2.0/24');
    t.same(
      entries(path).map(({ event, command }) => [event, command]),
      [
        ['operator_command', 'create_account'],
        ['operator_command', 'ban'],
      ],
    );
    t.equal(statSync(path).mode & 0o777, 0o600);

    renameSync(path, `${path}.1`);
    await operator.ok('reload');
    await operator.ok('unban 192.0.2.0/24');
    t.match(entries(path).at(-1), {
      event: 'operator_command',
      command: 'unban',
      parameters: { target: '192.0.2.0/24' },
      time: String,
    });
    t.equal(entries(`${path}.1`).length, 3, "the old file's last entry is the reload");
    t.notMatch(readFileSync(path, 'utf8') + readFileSync(`${path}.1`, 'utf8'), /rabbit-hole/);
  },
);

t.test('logins and failed logins are recorded with the address', async (t) => {
  const path = join(temporaryFolder(t), 'audit.jsonl');
  const daemon = hostDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
  const client = await Client.connect(await daemon.port());
  await client.ok('create_user alice A B rabbit-hole');
  for (const line of [
    'authenticate_user alice wrong',
    'authenticate_user nobody secret-password',
    'authenticate_user alice rabbit-hole',
  ])
    await client.request(line);
  t.match(entries(path), [
    { event: 'user_created', username: 'alice', address: '127.0.0.1' },
    { event: 'authentication_failed', username: 'alice', address: '127.0.0.1' },
    { event: 'authentication_failed', username: undefined },
    { event: 'authenticated', username: 'alice', address: '127.0.0.1' },
  ]);
  await daemon.stop();
  t.equal(daemon.log.filter(({ audit }) => audit === true).length, 4, 'the log has them too');
  t.notMatch(readFileSync(path, 'utf8'), /wrong|secret-password|rabbit-hole|nobody/);
});

t.test(
  "a reload that can't open the file again fails: nothing of it is applied, and the old file stays in use",
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const [path, config, moved] = [
      join(folder, 'logs/audit.jsonl'),
      join(folder, 'salond.toml'),
      join(folder, 'moved'),
    ];
    mkdirSync(join(folder, 'logs'));
    writeFileSync(config, 'registration = "open"\n');
    const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: path }, args: ['--config', config] });
    const operator = await Client.connect(await daemon.control());
    await operator.ok('ban 192.0.2.1');
    renameSync(join(folder, 'logs'), moved);
    writeFileSync(config, 'registration = "closed"\n');
    const { code, body } = await operator.request('reload');
    t.equal(code, 7);
    t.match(body['error'], `nothing was changed: ${path} can't be written: `);
    daemon.process.kill('SIGHUP');
    while (daemon.log.filter(({ event }) => event === 'reload_failed').length < 2) await sleep(10);
    t.match(await daemon.logged('audit_failed'), { level: 'error', path });
    const client = await Client.connect(await daemon.port());
    t.match(await client.request('create_user alice A B rabbit-hole'), { code: 1 }, 'registration is still open');
    t.same(
      entries(join(moved, 'audit.jsonl')).map(({ event }) => event),
      ['operator_command', 'operator_command', 'user_created'],
    );

    mkdirSync(join(folder, 'logs'));
    t.match(await operator.request('reload'), { code: 1, body: { applied: ['registration'] } });
    await operator.ok('unban 192.0.2.1');
    t.same(
      entries(path).map(({ command }) => command),
      ['unban'],
    );
    t.match(await client.request('create_user bob A B rabbit-hole'), { code: 12 });
  },
);

t.test(
  "a start that can't open the file logs that, and the lines are written once it can be opened",
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'logs/audit.jsonl');
    const daemon = hostDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
    t.match(await daemon.logged('audit_failed'), {
      level: 'error',
      path,
      err: { message: /^.* can't be written: no such file or directory/ },
    });
    const operator = await Client.connect(await daemon.control());
    await operator.ok('ban 192.0.2.1');
    mkdirSync(join(folder, 'logs'));
    t.match(await daemon.logged('audit_resumed'), { path, dropped: 0 });
    await operator.ok('unban 192.0.2.1');
    t.same(
      entries(path).map(({ command }) => command),
      ['ban', 'unban'],
    );
    t.equal(daemon.log.filter(({ event }) => event === 'audit_failed').length, 1);
  },
);

t.test('a reload can change to another file or to none', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const config = join(folder, 'salond.toml');
  const set = (name: string): void => writeFileSync(config, `audit_log = "${name === '' ? '' : join(folder, name)}"\n`);
  set('one.jsonl');
  const daemon = hostDaemon(t, { args: ['--config', config] });
  const operator = await Client.connect(await daemon.control());
  for (const name of ['two.jsonl', '', 'three.jsonl']) {
    await operator.ok('ban 192.0.2.1');
    set(name);
    t.match(await operator.request('reload'), { body: { applied: ['audit_log'], restart: [] } });
  }
  await operator.ok('unban 192.0.2.1');
  const commands = ['one', 'two', 'three'].map((name) =>
    entries(join(folder, `${name}.jsonl`)).map(({ command }) => command),
  );
  t.same(commands, [['ban', 'reload'], ['ban', 'reload'], ['unban']]);
});

t.test(
  "a reload can replace a file that can't be opened, and the waiting lines go to the new file",
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const [config, other] = [join(folder, 'salond.toml'), join(folder, 'other.jsonl')];
    writeFileSync(config, `audit_log = "${join(folder, 'gone/audit.jsonl')}"\n`);
    const daemon = hostDaemon(t, { args: ['--config', config] });
    await daemon.logged('audit_failed');
    const operator = await Client.connect(await daemon.control());
    await operator.ok('ban 192.0.2.1');
    writeFileSync(config, `audit_log = "${other}"\nregistration = "shut"\n`);
    t.match(await operator.request('reload'), { code: 7, body: { error: /^nothing was changed: .*registration/ } });
    writeFileSync(config, `audit_log = "${other}"\n`);
    t.match(await operator.request('reload'), { code: 1, body: { applied: ['audit_log'] } });
    await operator.ok('unban 192.0.2.1');
    t.same(
      entries(other).map(({ command }) => command),
      ['ban', 'reload', 'reload', 'unban'],
    );
    t.match(await daemon.logged('audit_resumed'), { path: other, dropped: 0 });
    writeFileSync(config, `audit_log = "${join(folder, 'gone/audit.jsonl')}"\n`);
    t.match(await operator.request('reload'), { code: 7 }, 'the new file is tried before');
    t.equal(entries(other).length, 5, 'the old file stays in use');
  },
);

t.test(
  'nothing is appended to a file that is no audit log, and the daemon does not wait for a pipe',
  buffered,
  async (t) => {
    const folder = temporaryFolder(t);
    const [diary, pipe] = [join(folder, 'diary'), join(folder, 'pipe')];
    writeFileSync(diary, 'dear diary\n');
    execFileSync('mkfifo', [pipe]);
    for (const [path, says] of [
      [diary, /is no audit log, so it was left as it is/],
      [pipe, /can't be written: no such device or address/],
      [folder, /can't be written: illegal operation on a directory/],
    ] as const) {
      const daemon = hostDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
      t.match(await daemon.logged('audit_failed'), { err: { message: says } });
      const operator = await Client.connect(await daemon.control());
      t.match(await operator.request('reload'), { code: 7, body: { error: says } });
      await daemon.stop();
    }
    t.equal(readFileSync(diary, 'utf8'), 'dear diary\n');
    const data = temporaryFolder(t);
    const daemon = startDaemon(t, { data, env: { SALOND_AUDIT_LOG: join(data, 'salond.db') } });
    t.equal((await daemon.exited).code, 78);
    t.match(
      daemon.text,
      /^salond: audit_log: names beginning with "salond\." are the data's own in its folder, [^\n]+\n$/,
    );
  },
);

t.test('text from users can not control a terminal that shows the file, and is parsed unchanged', async (t) => {
  const path = join(temporaryFolder(t), 'audit.jsonl');
  const daemon = hostDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
  const operator = await Client.connect(await daemon.control());
  const evil = 'a\u202e\u{e0041}\u3164\ufe0f\u200db';
  await operator.ok({ command: 'announce', text: evil });
  const text = readFileSync(path, 'utf8');
  t.match(text, /^[\x20-\x7e]+\n$/);
  t.match(JSON.parse(text), { parameters: { text: evil } });
  t.match(
    daemon.log.find(({ event }) => event === 'operator_command'),
    { parameters: { text: evil } },
  );
});
