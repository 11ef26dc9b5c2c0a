// The pure parts of the bench of floods: what is counted, what is combined, and how the table shows it.
import { join } from 'node:path';
import t from 'tap';
import { addressOf } from '../../bench/floods/attack.js';
import { attacks, groundOf, userCount } from '../../bench/floods/attacks/list.js';
import { killsIn } from '../../bench/floods/cgroup.js';
import { readDelay, unknownDelay } from '../../bench/floods/delays.js';
import { raiseCost } from '../../bench/floods/data.js';
import { document } from '../../bench/floods/document.js';
import { honestLosses, meetsGoal, rowOf, together, unmeasured, type Round } from '../../bench/floods/figures.js';
import { Journal } from '../../bench/floods/journal.js';
import { attackTable, lineOf, sentenceOf } from '../../bench/floods/table.js';
import { summary, Tally } from '../../bench/floods/tally.js';
import { putOut } from '../../bench/floods/watch.js';
import { longestGap } from '../../bench/floods/watchdog.js';
import { addMessages, makeData } from '../../bench/salond-data.js';
import { checkData } from '../../src/daemon/preflight.js';
import { temporaryFolder } from '../support/daemon.js';

const lines =
  '1\t{"command":"ping"}\n14\t{"error":"too many","retry_after":50}\n110\t{"message":"' +
  'x'.repeat(5000) +
  '"}\n1\t{}\n199\t{"reason":"you read too slowly","retry_after":1000}\n';

t.test('lines are counted by their code, however the bytes are cut', async (t) => {
  const bytes = Buffer.from(lines);
  for (const size of [1, 2, 7, 300, 4096, bytes.length]) {
    const heads: string[] = [];
    const tally = new Tally((_, head) => heads.push(head));
    for (let at = 0; at < bytes.length; at += size) tally.add(bytes.subarray(at, at + size));
    t.same(
      [...tally.codes],
      [
        [1, 2],
        [14, 1],
        [110, 1],
        [199, 1],
      ],
      `cut every ${size} bytes`,
    );
    t.same([...tally.reasons], [['you read too slowly', 1]]);
    t.match(heads[1], /"retry_after":50/);
    t.ok(
      heads.every((head) => head.length <= 300),
      'no long line is kept',
    );
  }
});

t.test('the tallies of many connections are one sentence', async (t) => {
  const tally = new Tally();
  tally.add(Buffer.from(lines));
  t.equal(summary([tally, tally]), 'answers: 1 × 4, 14 × 2; told 199: you read too slowly × 2');
  t.equal(summary([]), 'no answers read');
});

t.test('who was put out is read from the metrics', async (t) => {
  const metrics = [
    '# HELP salond_connections_closed_total Connections that the daemon closed, by reason.',
    'salond_connections_closed_total{reason="you read too slowly"} 64',
    'salond_connections_closed_total{reason="a \\"quoted\\" one, with a comma"} 1',
    'salond_connections_refused_total{reason="too many connections from your address"} 1136',
    'salond_replies_total{command="authenticate_user",code="16"} 10',
    'salond_replies_total{command="create_user",code="16"} 2',
    'salond_replies_total{command="help",code="1"} 2000',
    'salond_rooms 3',
  ].join('\n');
  t.equal(
    putOut(metrics),
    'not let in: too many connections from your address × 1,136; ' +
      'put out: you read too slowly × 64, a \\"quoted\\" one, with a comma × 1; answered 16 × 12',
  );
  t.equal(putOut('salond_rooms 3'), '');
  t.equal(putOut(''), 'the metrics could not be read', 'no metrics is not nobody');
});

t.test('the longest step is read with and without its processor time', async (t) => {
  const all = { delay: 12.5, step: 3.25, collection: 1, long: 2 };
  t.same(readDelay(JSON.stringify(all)), all);
  t.same(readDelay('12.5'), { ...unknownDelay, delay: 12.5 });
});

t.test('kills are read from the files of both versions of cgroups', async (t) => {
  t.equal(killsIn('low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n'), 1);
  t.equal(killsIn('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'), 2);
  t.equal(killsIn('oom_kill_disable 0\nunder_oom 0\n'), 0, 'an old kernel does not tell');
});

const round: Round = {
  ...unmeasured,
  p50: 2,
  p99: 10,
  loop: { delay: 12, step: 8, collection: 1.5, long: 4 },
  control: 3,
  watchdog: 2100,
  memory: 100,
  files: 80,
};

t.test('latencies are medians and the rest is the most, and a round that failed is told beside them', async (t) => {
  const killed = { ...round, p50: NaN, p99: NaN, memory: 512, ended: 'killed for its memory' };
  const row = rowOf('x', [round, { ...round, p99: 30, memory: 300 }, killed]);
  t.equal(row.p99, 20, 'of the rounds that have one');
  t.equal(row.worst, 30);
  t.equal(row.memory, 512);
  t.same(row.failures, ['the daemon: killed for its memory']);
  const table = attackTable([rowOf('nothing', [round]), row]);
  t.match(
    table,
    '| nothing | 2.00 | 10.00 | 10.00 | 1.00 | yes | nobody | 12.00 | 3.00 | 8.00 | 4 | 1.50 | 2.1 | 100 | 80 | all messages arrived |',
  );
  t.match(table, '| x | 2.00 | 20.00 | 30.00 | 2.00 | **no** | **talkers** |');
  t.match(table, '**the daemon: killed for its memory × 1 of 3**');
});

t.test('what was never measured is a dash, not a nought', async (t) => {
  const row = rowOf('x', [{ ...round, p50: NaN, p99: NaN, loop: unknownDelay }]);
  t.match(attackTable([row]), '| x | – | – | – | – | **no** | nobody | – | 3.00 | – | – | – |');
});

t.test('a round in a line tells what failed', async (t) => {
  t.equal(lineOf(round), 'p50 2.00, p99 10.00 ms; delay 12.00 (idle 3.00); step 8.00 (4 long); 100 MiB, 80 files');
  t.match(lineOf({ ...round, talkers: 'connection 53 was closed' }), /; OUT: talkers; connection 53 was closed$/);
});

t.test('the document has the table, and says where the limit of memory was skipped', async (t) => {
  const rows = [rowOf('nothing', [round]), rowOf('an attack', [{ ...round, p99: 200 }])];
  const each = [['blank lines', round.loop]] as const;
  const measured = { rows, each, eachSeconds: 3, sizes: { rounds: 3, seconds: 5, messages: 1 } };
  const text = document({ ...measured, limited: true, isNarrow: true, isDoubled: true });
  t.match(text, attackTable(rows));
  t.match(text, '| blank lines | 12.00 | 8.00 |');
  t.match(text, 'a memory cgroup of 512 MiB');
  t.match(text, 'carries packets of 1,500 bytes');
  const skipped = document({ ...measured, limited: false, isNarrow: false, isDoubled: false });
  t.match(skipped, '**this was skipped**');
  t.match(text, 'twice its usual memory');
  t.match(skipped, 'could not be set');
  t.match(skipped, 'could not be doubled');
});

t.test('the goal is met where every round has all messages and the median of p99 is below it', async (t) => {
  t.ok(meetsGoal(rowOf('x', [{ ...round, p99: 99.9 }])));
  t.notOk(meetsGoal(rowOf('x', [{ ...round, p99: 100 }])));
  t.notOk(meetsGoal(rowOf('x', [])), 'nothing measured, nothing met');
  t.notOk(meetsGoal(rowOf('x', [round, round, { ...round, talkers: 'somebody has not got all that was sent' }])));
});

t.test('honest users who were put out, or refused what is theirs, are named', async (t) => {
  const refused = new Map([['16', 1]]);
  const login = { probe: 'login', tries: 4, done: 3, longest: 1, refused } as const;
  const lossesOf = (lost: Partial<Round>): string => honestLosses(rowOf('x', [round, { ...round, ...lost }]));
  t.equal(lossesOf({}), '');
  t.equal(lossesOf({ talkers: 'connection 53 was closed' }), 'talkers');
  t.equal(lossesOf({ talkers: 'somebody has not got all that was sent, 20 s after the last message' }), '');
  t.equal(lossesOf({ ended: 'killed for its memory' }), 'talkers');
  t.equal(lossesOf({ lost: 3, probes: [login] }), '3 readers, login: 1 of 4');
});

t.test('rounds are kept in a file, and a run goes on where it was interrupted', async (t) => {
  const file = join(temporaryFolder(t), 'rounds');
  const probes = [{ probe: 'login', tries: 2, done: 1, longest: 5, refused: new Map([['16', 1]]) }] as const;
  const first = new Journal(file, 5, false);
  first.add('a', round);
  first.add('a', { ...round, p99: NaN, ended: 'killed', loop: unknownDelay, probes });
  const next = new Journal(file, 5, true);
  t.same(next.of('a'), first.of('a'), 'also maps, and figures that there are not');
  t.same(next.of('b'), []);
  next.add('b', round);
  t.equal(new Journal(file, 5, true).of('b').length, 1);
  t.throws(() => new Journal(file, 3, true), /rounds of 5 s/, 'rounds of different lengths are not mixed');
  t.same(new Journal(file, 3, false).of('a'), []);
});

t.test('the watchdog counts the longest time without a report', async (t) => {
  t.equal(longestGap([900, 2000, 2500], 1000, 3000), 1100, 'the time that began before');
  t.equal(longestGap([900, 1100], 1000, 3000), 1900, 'the time that has not ended');
  t.equal(longestGap([], 1000, 3000), 2000);
  t.equal(longestGap([900, 3500], 1000, 3000), 2100, 'what came afterwards does not count');
});

t.test('a text from outside does not break the table', async (t) => {
  const table = attackTable([rowOf('x', [{ ...round, said: 'a|b\nc' }])]);
  t.equal(table.split('\n').length, 3);
  t.match(table, 'a\\|b c');
});

t.test('what was tried is added up over rounds', async (t) => {
  const tried = { probe: 'login', tries: 4, done: 3, longest: 812.4, refused: new Map([['16', 1]]) } as const;
  const [sum, ...rest] = together([tried, { ...tried, longest: 100 }]);
  t.same(rest, []);
  t.same(sum, { probe: 'login', tries: 8, done: 6, longest: 812.4, refused: new Map([['16', 2]]) });
  t.equal(sentenceOf(tried), 'a user logged in 3 of 4 times, in 812 ms at most (16 × 1)');
  t.equal(
    sentenceOf({ ...tried, done: 0, refused: new Map() }),
    'a user logged in 0 of 4 times',
    'no time for what was never done',
  );
});

t.test('attacks that run together share no name, no user and no address', async (t) => {
  const grounds = attacks.map(({ name }) => groundOf(name));
  t.equal(new Set(attacks.map(({ name }) => name)).size, attacks.length);
  t.equal(new Set(grounds.map(({ net }) => net)).size, attacks.length);
  for (const [index, { attack, firstUser }] of grounds.entries())
    t.ok(firstUser + (attack.users ?? 0) <= (grounds[index + 1]?.firstUser ?? userCount), attack.name);
  t.ok(
    grounds.every(({ net }) => net > 9 && net < 256),
    'none is a network of honest people',
  );
  t.throws(() => groundOf('none'), RangeError);
  t.equal(addressOf({ net: 10 }, 0), '127.10.0.1');
  t.equal(new Set(Array.from({ length: 20_000 }, (_, index) => addressOf({ net: 10 }, index))).size, 20_000);
});

t.test('the rows that the benches insert by themselves are whole', async (t) => {
  const folder = temporaryFolder(t);
  await makeData(folder, 50);
  await raiseCost(folder);
  // Also notes what the names look like.
  await addMessages(folder, 100);
  t.same(await checkData(folder), []);
});
