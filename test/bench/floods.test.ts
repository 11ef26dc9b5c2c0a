// The pure parts of the bench of floods: what is counted, what is combined, and how the table shows it.
import t from 'tap';
import { addressOf } from '../../bench/floods/attack.js';
import { attacks, groundOf, userCount } from '../../bench/floods/attacks/list.js';
import { killsIn } from '../../bench/floods/cgroup.js';
import { readDelay, unknownDelay } from '../../bench/floods/delays.js';
import { attackTable, rowOf, sentenceOf, together, type Round } from '../../bench/floods/figures.js';
import { summary, Tally } from '../../bench/floods/tally.js';
import { putOut } from '../../bench/floods/watch.js';

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
  p50: 2,
  p99: 10,
  loop: { delay: 12, step: 8, collection: 1.5, long: 4 },
  control: 3,
  watchdog: 2100,
  memory: 100,
  files: 80,
  ended: undefined,
  talkers: undefined,
  probes: [],
  putOut: '',
  said: '',
  lost: 0,
};

t.test('figures are medians, and a round that failed is told beside them', async (t) => {
  const killed = { ...round, p50: NaN, p99: NaN, memory: 512, ended: 'killed for its memory' };
  const row = rowOf('x', [round, { ...round, p99: 30, memory: 300 }, killed]);
  t.equal(row.p99, 20, 'of the rounds that have one');
  t.equal(row.memory, 300);
  t.same(row.failures, ['the daemon: killed for its memory']);
  const table = attackTable([rowOf('nothing', [round]), row]);
  t.match(
    table,
    '| nothing | 2.00 | 10.00 | 1.00 | 12.00 | 3.00 | 8.00 | 4 | 1.50 | 100 | 80 | all messages arrived |',
  );
  t.match(table, '| x | 2.00 | 20.00 | 2.00 |');
  t.match(table, '**the daemon: killed for its memory × 1 of 3**');
});

t.test('what was never measured is a dash, not a nought', async (t) => {
  const row = rowOf('x', [{ ...round, p50: NaN, p99: NaN, loop: unknownDelay }]);
  t.match(attackTable([row]), '| x | – | – | – | – | 3.00 | – | – | – |');
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
