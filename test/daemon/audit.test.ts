// The audit trail: who came in, who did not, and what operators did, in the log and in a file of its own.
import { readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';

const entries = (path: string): Record<string, unknown>[] => (
  readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>));

t.test('every act is there once, whatever the log leaves out, and no password is', async (t) => {
  const path = join(temporaryFolder(t), 'audit.jsonl');
  const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: path, SALOND_LOG_LEVEL: 'warn' }, args: [] });
  // The log's `ready` is left out at this level: the socket is there when the daemon is.
  const control = join(daemon.data, 'control');
  while (statSync(control, { throwIfNoEntry: false }) === undefined) await new Promise((resolve) => { setTimeout(resolve, 10); });
  const operator = await Client.connect(control);
  await operator.ok({ command: 'create_account', username: 'alice', first_name: 'A', last_name: 'B', password: 'rabbit-hole' });
  await operator.ok('status');
  await operator.ok('ban 192.0.2.0/24');
  t.same(entries(path).map(({ event, command }) => [event, command]), [['operator_command', 'create_account'], ['operator_command', 'ban']]);
  t.equal(statSync(path).mode & 0o777, 0o600);

  renameSync(path, `${path}.1`);
  await operator.ok('reload');
  await operator.ok('unban 192.0.2.0/24');
  t.match(entries(path).at(-1), { event: 'operator_command', command: 'unban', parameters: { target: '192.0.2.0/24' }, time: String });
  t.equal(entries(`${path}.1`).length, 3, 'the old file ends with the reload');
  t.notMatch(readFileSync(path, 'utf8') + readFileSync(`${path}.1`, 'utf8'), /rabbit-hole/);
});

t.test('logins, and those that fail, with the address', async (t) => {
  const path = join(temporaryFolder(t), 'audit.jsonl');
  const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
  const client = await Client.connect(await daemon.port());
  await client.ok('create_user alice A B rabbit-hole');
  for (const line of ['authenticate_user alice wrong', 'authenticate_user nobody secret-password', 'authenticate_user alice rabbit-hole']) await client.request(line);
  t.match(entries(path), [
    { event: 'user_created', username: 'alice', address: '127.0.0.1' }, { event: 'authentication_failed', username: 'alice', address: '127.0.0.1' },
    { event: 'authentication_failed', username: undefined }, { event: 'authenticated', username: 'alice', address: '127.0.0.1' },
  ]);
  await daemon.stop();
  t.equal(daemon.log.filter(({ audit }) => audit === true).length, 4, 'the log has them too');
  t.notMatch(readFileSync(path, 'utf8'), /wrong|secret-password|rabbit-hole|nobody/);
});

t.test('a file that can\'t be written is told in one line', async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: '/nowhere/audit.jsonl' } });
  t.equal((await daemon.exited).code, 78);
  t.match(daemon.text, /^salond: \/nowhere\/audit\.jsonl can't be written: [^\n]+\n$/);
});

t.test('what others wrote acts on no terminal where the file is read, and means the same', async (t) => {
  const path = join(temporaryFolder(t), 'audit.jsonl');
  const daemon = startDaemon(t, { env: { SALOND_AUDIT_LOG: path } });
  const operator = await Client.connect(await daemon.control());
  const evil = 'a\u202e\u{e0041}\u3164\ufe0f\u200db';
  await operator.ok({ command: 'announce', text: evil });
  const text = readFileSync(path, 'utf8');
  t.match(text, /^[\x20-\x7e]+\n$/);
  t.match(JSON.parse(text), { parameters: { text: evil } });
  t.match(daemon.log.find(({ event }) => event === 'operator_command'), { parameters: { text: evil } });
});
