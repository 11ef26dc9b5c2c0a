// Tests which events are counted instead of written.
import t from 'tap';
import { createLog } from '../../src/ops/log.js';
import { RepeatedEvents } from '../../src/ops/repeated-events.js';

function begin() {
  const due: (() => void)[] = [];
  const written: string[] = [];
  const repeats = new RepeatedEvents((callback) => void due.push(callback));
  const event = (name: string, fields: object): void => {
    const write = (repeated?: number): void => void written.push(`${name} ${repeated ?? 'new'}`);
    if (repeats.isNew(name, fields, write)) write();
  };
  const minute = (): void => due.splice(0).forEach((callback) => callback());
  const take = (): readonly string[] => written.splice(0);
  return { event, minute, take, due };
}

t.test('a failure that repeats is written once, and then its number once a minute', async (t) => {
  const { event, minute, take, due } = begin();
  const full = new Error('the disk is full');
  for (let times = 0; times < 54; times += 1) event('commit_failed', { err: full });
  t.same(take(), ['commit_failed new']);
  minute();
  t.same(take(), ['commit_failed 53']);
  event('commit_failed', { err: full });
  minute();
  t.same(take(), ['commit_failed 1']);
  minute();
  t.same([take(), due.length], [[], 0], 'a minute without one ends the count');
  event('commit_failed', { err: full });
  t.same(take(), ['commit_failed new']);
});

t.test('rooms that can not be trimmed on a full disk are one failure', async (t) => {
  const { event, take } = begin();
  for (let room = 0; room < 9; room += 1) event('trimming_failed', { err: new Error('the disk is full'), room });
  t.same(take(), ['trimming_failed new']);
});

t.test('other reasons, other proxies and other events are written', async (t) => {
  const { event, take } = begin();
  event('store_failed', { err: new Error('one') });
  event('store_failed', { err: new Error('two') });
  event('proxy_header_invalid', { address: '192.0.2.1' });
  event('proxy_header_invalid', { address: '192.0.2.2' });
  for (let times = 0; times < 3; times += 1) event('authentication_failed', { address: '192.0.2.1' });
  t.equal(take().length, 7);
});

t.test('many reasons at one time do not fill the memory: those beyond a hundred are written', async (t) => {
  const { event, take, due } = begin();
  for (let round = 0; round < 2; round += 1)
    for (let reason = 0; reason < 150; reason += 1) event('command_failed', { err: new Error(`reason ${reason}`) });
  t.equal(due.length, 100);
  t.equal(take().length, 200);
});

t.test('the log has one line of a failure that repeats', async (t) => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  for (let times = 0; times < 5; times += 1) log.error({ err: new Error('the disk is full') }, 'commit_failed');
  t.equal(lines.length, 1);
});
