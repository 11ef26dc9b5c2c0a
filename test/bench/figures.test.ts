// The bench's own arithmetic: what it is asked for, what it makes of its rounds, and how it judges and keeps what it
// found.
import t from 'tap';
import { BenchError, sizesOf, workloadNames, workloadsOf } from '../../bench/arguments.js';
import { compare, comparisonTable, roundsNeeded, sentenceOf, type Comparison } from '../../bench/comparison.js';
import { fallOf, fallsFaster } from '../../bench/curves.js';
import { goalsTable, isMet, judge } from '../../bench/goals.js';
import { milliseconds, number, replaceMarked, table } from '../../bench/markdown.js';
import { mediansOf } from '../../bench/rates.js';
import { bars, document } from '../../bench/report.js';
import { inTurn, median, medians } from '../../bench/rounds.js';
import { generatorLine, section, summary } from '../../bench/tables.js';
import type { Figures } from '../../bench/generator.js';
import type { Results } from '../../bench/results.js';

const defaults = { rounds: 5, seconds: 3, messages: 10 } as const;
const under = {
  date: '2026-11-24',
  node: '20.20.0',
  processor: '2 × X',
  kernel: '6.1',
  congestionControl: 'cubic',
  rounds: 5,
  seconds: 3,
} as const;

const figures = (deliveries: number, more: Partial<Figures> = {}): Figures => ({
  deliveries,
  messages: deliveries / 11,
  p50: 1,
  p99: 2,
  p999: 3,
  server: 1,
  generator: 0.2,
  ...more,
});

t.test('the workloads named are measured in order, and all where none is named', async (t) => {
  t.same(workloadsOf(['d', 'a', 'd']), ['a', 'd']);
  t.same(workloadsOf([]), workloadNames);
  t.throws(() => workloadsOf(['a', 'k']), new BenchError('there is no workload k: they are a b c d e f g h i j'));
});

t.test('the environment sets the sizes, and a size that can not be is refused', async (t) => {
  t.same(sizesOf({}, defaults), defaults);
  t.same(sizesOf({ ROUNDS: '1', SECONDS: '0.5', MESSAGES: '' }, defaults), { rounds: 1, seconds: 0.5, messages: 10 });
  for (const ROUNDS of ['0', '-1', '1.5', 'many', 'Infinity']) {
    t.throws(() => sizesOf({ ROUNDS }, defaults), new BenchError(`ROUNDS is not a number that it can be: ${ROUNDS}`));
  }
});

t.test('a median is the middle, whatever the order', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.ok(Number.isNaN(median([])));
  t.same(
    medians(
      [
        { x: 1, y: 9 },
        { x: 2, y: 8 },
        { x: 9, y: 1 },
      ],
      ['x', 'y'],
    ),
    { x: 2, y: 8 },
  );
});

t.test('servers take turns; one that fails twice is left alone and has no figures', async (t) => {
  const asked: string[] = [];
  const notes: string[] = [];
  const taken = await inTurn(
    [{ name: 'salond' }, { name: 'ngIRCd' }],
    3,
    async ({ name }, round) => {
      asked.push(`${name} ${round}`);
      if (name === 'ngIRCd') throw new Error('too many');
      return round;
    },
    (text) => notes.push(text),
  );
  t.same(asked, ['salond 0', 'ngIRCd 0', 'salond 1', 'ngIRCd 1', 'salond 2']);
  t.same(taken, { salond: [0, 1, 2], ngIRCd: null });
  t.same(notes, ['ngIRCd: too many', 'ngIRCd: too many']);
});

t.test('one failure among several rounds costs that round only', async (t) => {
  const taken = await inTurn(
    [{ name: 'salond' }],
    3,
    async (_, round) => {
      if (round === 1) throw new Error('once');
      return round;
    },
    () => undefined,
  );
  t.same(taken, { salond: [0, 2] });
});

t.test('a goal is held against the fastest peer, and not against the relay', async (t) => {
  const a = {
    under,
    servers: {
      salond: figures(210),
      'salond, relaxed': figures(290),
      'nats-server': figures(100),
      ngIRCd: figures(90),
      InspIRCd: null,
      'bare relay': figures(900),
    },
  };
  const verdicts = judge({ a });
  t.same(
    verdicts.map(({ goal, measured }) => [goal, measured]),
    [
      ['(a) salond: deliveries/s', "2.10 × nats-server's"],
      ['(a) salond, relaxed: deliveries/s', "2.90 × nats-server's"],
    ],
  );
  t.same(verdicts.map(isMet), [true, false]);
  t.match(
    goalsTable(verdicts),
    "| (a) salond: deliveries/s | ≥ 2.0 × the fastest peer's | 2.10 × nats-server's | 1.05 | met |",
  );
  t.match(goalsTable(verdicts), '| 0.97 | **missed** |');
});

t.test("one message at a time may take nats-server's time and an fsync", async (t) => {
  const d = (p50: number, p99: number): Results => ({
    d: { under, fsync: 0.3, servers: { salond: figures(1, { p50, p99 }), 'nats-server': figures(1, { p50: 0.5 }) } },
  });
  t.same(judge(d(0.8, 2.3)).map(isMet), [true, true]);
  t.same(judge(d(0.81, 2.5)).map(isMet), [false, false]);
});

t.test('memory, logins and the start are judged by their limits', async (t) => {
  const of = (salond: number, nats: number, share: number, full: number): readonly boolean[] =>
    judge({
      g: { under, servers: { salond: salond, 'nats-server': nats } },
      h: { under, salond: share, bare: 1 },
      j: { under, messages: 10, empty: 1, full, killed: 1 },
    }).map(isMet);
  t.same(of(6000, 20_000, 0.96, 400), [true, true, true, true]);
  t.same(of(7000, 20_000, 0.9, 600), [false, false, false, false]);
});

t.test('without a figure of ours or of a peer no goal is met, and none is said to be missed', async (t) => {
  for (const servers of [{ salond: null, ngIRCd: figures(1) }, { salond: figures(1) }]) {
    const verdicts = judge({ c: { under, servers } });
    t.same(verdicts.map(isMet), [false]);
    t.match(goalsTable(verdicts), /\| – \| – \|$/m);
  }
});

t.test('a rate that most rounds could not stand is where it bends', async (t) => {
  const point = (rate: number, p99: number, messages = rate) => ({ rate, messages, p50: 1, p99 });
  t.same(
    mediansOf([
      { points: [point(1000, 2), point(2000, 9), point(4000, 9, 3000)], bent: 4000 },
      { points: [point(1000, 3)], bent: 2000 },
      { points: [point(1000, 4), point(2000, 7)], bent: 4000 },
    ]),
    { points: [point(1000, 3), point(2000, 8)], bent: 4000 },
  );
  t.same(mediansOf([{ points: [point(1000, 2), point(2000, 1500)], bent: 2000 }]), {
    points: [point(1000, 2), point(2000, 1500)],
    bent: 2000,
  });
});

t.test('a generator that took more than half of what the server took is named', async (t) => {
  const b = { under, servers: { salond: figures(1), InspIRCd: figures(1, { generator: 0.84 }), ngIRCd: null } };
  t.equal(
    generatorLine({ b }),
    "The generator took more than half of the server's processor time in: b of InspIRCd (84 %).",
  );
  t.match(generatorLine({}), 'less than half');
});

t.test('numbers are written as people read them', async (t) => {
  t.equal(number(1234567.8), '1,234,568');
  t.equal(number(0.5, 2), '0.50');
  t.equal(number(null), '–');
  t.equal(number(NaN), '–');
  t.equal(milliseconds(0.8456), '0.85');
  t.equal(milliseconds(1234.5), '1,235');
  t.equal(table(['x', 'y'], [['a', '1']]), '| x | y |\n| --- | ---: |\n| a | 1 |');
});

t.test('the table of a README stands between its marks, and nothing else of it changes', async (t) => {
  const readme = '# A\n\n<!-- bench -->\nold\n<!-- end -->\n\nmore <!-- end -->\n';
  const replaced = replaceMarked(readme, '| $& |');
  t.equal(replaced, '# A\n\n<!-- bench -->\n| $& |\n<!-- end -->\n\nmore <!-- end -->\n');
  t.equal(replaceMarked(replaced ?? '', '| $& |'), replaced, 'twice is as once');
  t.equal(replaceMarked('<!-- end --> <!-- bench -->', 'x'), undefined, 'marks in the wrong order are none');
  t.equal(replaceMarked('# A\n', 'x'), undefined);
});

t.test('what was not measured has a dash in README, and no section in the document', async (t) => {
  const results: Results = { b: { under, servers: { salond: figures(12_345), ngIRCd: null } } };
  t.match(summary(results), '| 100 rooms of 12, 200 in flight: deliveries/s | 12,345 | – | – | – | – | – |');
  const text = document(results);
  t.match(text, '### (b) 100 rooms of 12, 200 in flight');
  t.notMatch(text, '### (a)');
  t.match(text, '| b | 2026-11-24 | 20.20.0 |');
});

/** Rounds of a case: before and now, as deliveries a second or as p50. */
function roundsOf(name: 'b' | 'd', pairs: readonly (readonly [before: number, now: number])[]): Comparison {
  const of = (value: number): Figures => (name === 'd' ? figures(1, { p50: value }) : figures(value));
  const rounds = pairs.map(([before, now]) => ({ before: of(before), now: of(now), relay: of(200) }));
  return compare({ name, mode: 'single' }, rounds);
}

t.test('a check forgives 15 %, of deliveries downwards and of a latency upwards', async (t) => {
  const verdict = (name: 'b' | 'd', now: number): string => {
    const pairs = Array.from({ length: 5 }, () => [100, now] as const);
    return roundsOf(name, pairs).verdict;
  };
  t.equal(verdict('b', 86), 'fine');
  t.equal(verdict('b', 84), 'worse');
  t.equal(verdict('b', 200), 'fine');
  t.equal(verdict('d', 114), 'fine');
  t.equal(verdict('d', 116), 'worse');
  t.equal(verdict('d', 50), 'fine');
  t.not(verdict('b', NaN), 'fine', 'what was not measured is not good');
});

t.test('a check compares within each round, so a machine that is slow for a while is no change', async (t) => {
  const { ratio, verdict } = roundsOf('b', [
    [100, 100],
    [50, 49],
    [20, 20],
    [90, 88],
    [100, 101],
  ]);
  t.equal(ratio.median, 1);
  t.equal(verdict, 'fine');
});

t.test('a check says that it is unclear where the rounds disagree', async (t) => {
  const noisy = roundsOf('b', [
    [100, 80],
    [100, 70],
    [100, 60],
    [100, 110],
    [100, 130],
  ]);
  t.equal(noisy.verdict, 'unclear');
  t.equal(
    sentenceOf(noisy),
    '(b) 100 rooms of 12, 200 in flight, single: the median of deliveries/s is 20.0 % worse than before (0.80 ×, from 0.60 to 1.30); ' +
      '3 of 5 rounds were worse, 3 by more than 15 %. UNCLEAR: the rounds disagree (5 of them would have to agree). ' +
      'Measure again with more ROUNDS, on a quieter machine.',
  );
});

t.test('a check does not call it good either where many rounds are bad', async (t) => {
  const pairs = [120, 70, 130, 100, 60].map((now) => [100, now] as const);
  t.equal(roundsOf('b', pairs).verdict, 'unclear');
});

t.test('as many rounds have to agree as chance alone seldom brings about', async (t) => {
  t.same([1, 3, 4, 5, 7, 9, 15].map(roundsNeeded), [2, 4, 4, 5, 6, 8, 11]);
});

t.test('the table of a check shows the spread, and the share of the bare relay', async (t) => {
  t.match(
    comparisonTable([
      roundsOf('b', [
        [100, 80],
        [120, 90],
        [110, 100],
      ]),
    ]),
    '| b | single | deliveries/s | 110 (100 to 120) | 90 (80 to 100) | 0.80 (0.75 to 0.91) | 0.450 (0.400 to 0.500) |',
  );
});

t.test(
  'figures of the single mode have a table, a line of README and a panel of their own, where there are some',
  async (t) => {
    const gathered = { salond: figures(12_345) };
    const results: Results = { b: { under, servers: gathered, single: { salond: figures(6789, { generator: 0.9 }) } } };
    t.match(section('b', results.b ?? { servers: {} }), /Gathered:[^]*12,345[^]*Single:[^]*6,789/);
    t.notMatch(section('b', { servers: gathered }), 'Gathered:');
    t.match(summary(results), '| the same, each message sent by itself: deliveries/s | 6,789 |');
    t.notMatch(summary({ b: { under, servers: gathered } }), 'the same, each message');
    t.match(bars(results), 'in flight, each sent by');
    t.match(generatorLine(results), 'b single of salond (90 %)');
  },
);

t.test('a curve falls from its highest point, and faster only where its work does not grow as much', async (t) => {
  const points = [
    [2, 100],
    [10, 400],
    [100, 80],
  ].map(([x = 0, messages = 0]) => ({ x, messages, low: messages - 5, high: messages + 5, deliveries: 0 }));
  const steady = fallOf({ work: () => 1 }, points);
  t.same(steady, { from: 10, to: 100, fall: 5, growth: 1, apart: true });
  t.ok(steady !== undefined && fallsFaster(steady));
  const growing = fallOf({ work: (x) => x }, points);
  t.ok(growing !== undefined && !fallsFaster(growing));
  t.notOk(fallsFaster({ from: 0, to: 1, fall: 1.1, growth: 1, apart: true }), 'a tenth is noise');
  t.notOk(fallsFaster({ from: 0, to: 1, fall: 5, growth: 1, apart: false }), 'rounds that overlap show no fall');
  t.equal(fallOf({ work: () => 1 }, []), undefined);
});
