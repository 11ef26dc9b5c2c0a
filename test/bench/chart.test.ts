// The README's figures: what the benchmarks draw is in proportion, labelled, and XML that every browser takes.

import fc from 'fast-check';
import t from 'tap';
import { barChart, type Bar } from '../../bench/chart.js';
import { linePlot, linePlots, spread, type Plot, type Series } from '../../bench/plot.js';
import { numberLabel } from '../../bench/svg.js';
import { anyCharacter } from '../support/any-text.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string;
}

const entity = /&(?:amp|lt|gt|quot|#39);/g;

/**
 * The elements in the order in which they end. Throws where this is not one well-formed element of the kind that bench/
 * writes.
 */
function elementsOf(svg: string): Element[] {
  const open: { name: string; attributes: Record<string, string>; content: string }[] = [];
  const found: Element[] = [];
  let roots = 0;
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(svg))
    throw new Error('a character that XML does not have');
  for (const [, end, name = '', inside = '', empty, content = ''] of svg.matchAll(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>|([^<]+|<)/gi,
  )) {
    const parent = open.at(-1);
    if (name === '') {
      if (content === '<' || content.replace(entity, '').includes('&')) throw new Error(`unescaped: ${content}`);
      if (parent === undefined && content.trim() !== '') throw new Error(`outside of the root: ${content}`);
      if (parent !== undefined) parent.content += content;
    } else if (end === '/') {
      if (parent?.name !== name) throw new Error(`</${name}> ends <${parent?.name}>`);
      open.pop();
      found.push(parent);
    } else {
      if (parent === undefined && (roots += 1) > 1) throw new Error('a second root');
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of inside.matchAll(/ ([\w:-]+)="([^"]*)"/g)) {
        if (key in attributes || value.replace(entity, '').includes('&')) throw new Error(`attribute ${key}`);
        attributes[key] = value;
      }
      const element = { name, attributes, content: '' };
      if (empty === '/') found.push(element);
      else open.push(element);
    }
  }
  if (open.length > 0 || roots !== 1) throw new Error('not one whole element');
  return found;
}

const classed = (svg: string, name: string, ...classes: readonly string[]): Element[] =>
  elementsOf(svg).filter(
    (element) =>
      element.name === name && classes.every((each) => (element.attributes['class'] ?? '').split(' ').includes(each)),
  );
const texts = (svg: string, ...classes: readonly string[]): string[] =>
  classed(svg, 'text', ...classes).map(({ content }) => content);
const number = (element: Element | undefined, attribute: string): number => Number(element?.attributes[attribute]);

const bars: readonly Bar[] = [
  { name: 'salond', value: 8_400_000, kind: 'ours' },
  { name: 'nats-server', value: 4_200_000, kind: 'peer' },
  { name: 'ngIRCd', value: NaN, kind: 'peer' },
  { name: 'bare relay', value: 14_000_000, kind: 'floor' },
];
const chart = (given: readonly Bar[], title = 'a room'): string =>
  barChart({ title: 'Deliveries', subtitle: 'medians', panels: [{ title, unit: 'deliveries/s', bars: given }] });

const salond: Series = {
  name: 'salond',
  kind: 'ours',
  points: [
    [1, 20_000],
    [30, 500_000],
    [1024, 8_000_000],
  ],
};
const nats: Series = {
  name: 'nats-server',
  kind: 'peer',
  points: [
    [1, 110_000],
    [1024, 7_900_000],
  ],
};
const relay: Series = {
  name: 'bare relay',
  kind: 'floor',
  points: [
    [1, 160_000],
    [1024, 8_100_000],
  ],
};
const plot: Plot = {
  title: 'Throughput',
  xLabel: 'in flight',
  yLabel: 'deliveries/s',
  series: [salond, nats, relay],
  xScale: 'log',
  yScale: 'log',
};

t.test('a bar is as long as its value is large, from 0', async (t) => {
  const [ours, peer, floor, ...others] = classed(chart(bars), 'rect', 'bar');
  t.same(others, []);
  t.match(
    [ours, peer, floor].map((bar) => bar?.attributes['class']),
    ['bar ours', 'bar peer', 'bar floor'],
  );
  t.ok(Math.abs(number(ours, 'width') / number(floor, 'width') - 8.4 / 14) < 0.001);
  t.ok(Math.abs(number(peer, 'width') / number(ours, 'width') - 0.5) < 0.001);
  t.equal(number(ours, 'x'), number(floor, 'x'));
});

t.test('each panel has a scale of its own', async (t) => {
  const panels = [1, 1000].map((value) => ({
    title: `${value}`,
    unit: 'ms',
    bars: [{ name: 'a', value, kind: 'ours' as const }],
  }));
  const [one, other] = classed(barChart({ title: 'a', panels }), 'rect', 'bar');
  t.equal(number(one, 'width'), number(other, 'width'));
  t.ok(number(one, 'x') + number(one, 'width') < number(other, 'x'), 'and they stand side by side');
});

t.test('bars of panels in one row begin at one height, however long a title is', async (t) => {
  const panels = ['short', 'long '.repeat(30)].map((title) => ({ title, unit: 'ms', bars }));
  const [one, , , other] = classed(barChart({ title: 'a', panels }), 'rect', 'bar');
  t.equal(number(one, 'y'), number(other, 'y'));
});

t.test('every bar has its name and its value, and the panel says what is better', async (t) => {
  const all = texts(chart(bars));
  for (const expected of [
    'Deliveries',
    'medians',
    'a room',
    'salond',
    '8.4 M',
    'nats-server',
    '4.2 M',
    'ngIRCd',
    'bare relay',
    '14 M',
  ]) {
    t.ok(all.includes(expected), expected);
  }
  t.ok(all.includes('deliveries/s, higher is better'));
  t.ok(
    texts(barChart({ title: 'a', panels: [{ title: 'b', unit: 'ms', bars, lowerIsBetter: true }] })).includes(
      'ms, lower is better',
    ),
  );
});

t.test('a server that could not do it has a dash and no bar', async (t) => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const svg = chart([
      { name: 'a', value, kind: 'peer' },
      { name: 'b', value: 5, kind: 'ours' },
    ]);
    t.equal(classed(svg, 'rect', 'bar').length, 1);
    t.ok(texts(svg).includes('–'));
    t.notMatch(svg, /NaN|Infinity/);
  }
  t.equal(classed(chart([{ name: 'a', value: NaN, kind: 'peer' }]), 'rect', 'bar').length, 0);
});

t.test('where all values are 0, the bars have no length', async (t) => {
  t.same(
    classed(chart([{ name: 'a', value: 0, kind: 'ours' }]), 'rect', 'bar').map((bar) => number(bar, 'width')),
    [0],
  );
});

t.test('a label has three significant digits at most, and a prefix from a thousand on', async (t) => {
  const labels = [
    [8_400_000, '8.4 M'],
    [184_000, '184 k'],
    [0.86, '0.86'],
    [0, '0'],
    [1, '1'],
    [999.4, '999'],
    [999.6, '1 k'],
    [999_900, '1 M'],
    [1024, '1.02 k'],
    [14_000_000, '14 M'],
    [1.2e9, '1.2 G'],
    [3e12, '3 T'],
    [0.012345, '0.0123'],
    [NaN, '–'],
    [Infinity, '–'],
  ] as const;
  for (const [value, label] of labels) t.equal(numberLabel(value), label);
});

t.test('names are escaped', async (t) => {
  const name = '<b> & "c" \'d\'\u0000\ud800';
  const escaped = '&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\ufffd\ufffd';
  t.ok(texts(chart([{ name, value: 1, kind: 'ours' }])).includes(escaped));
  t.ok(texts(linePlot({ ...plot, series: [{ ...salond, name }] })).includes(escaped));
  t.ok(
    elementsOf(barChart({ title: name, panels: [] })).some(
      (element) => element.name === 'title' && element.content === escaped,
    ),
  );
});

t.test('a name too long for its place is cut, and the bars keep theirs', async (t) => {
  const svg = chart([{ name: 'long'.repeat(100), value: 1, kind: 'ours' }]);
  t.ok(texts(svg).some((each) => /^(?:long)+l?o?n?…$/.test(each)));
  t.ok(number(classed(svg, 'rect', 'bar')[0], 'width') > 200);
});

t.test('the check of well-formedness finds what is wrong', async (t) => {
  for (const wrong of [
    '<a>',
    '<a></b>',
    '<a/><a/>',
    '<a>&</a>',
    '<a>&nbsp;</a>',
    '<a b="&"/>',
    '<a b="1" b="2"/>',
    '<a><</a>',
    'a',
    '<a>\0</a>',
  ]) {
    t.throws(() => elementsOf(wrong), wrong);
  }
});

const anyText = fc.string({ unit: anyCharacter, maxLength: 40 });
const anyKind = fc.constantFrom('ours' as const, 'peer' as const, 'floor' as const);
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, 1, 10, 1000));
const anyScale = fc.constantFrom('linear' as const, 'log' as const);

t.test('whatever is drawn is one well-formed image with a title, 860 wide, and without NaN', async () => {
  const panel = fc.record({
    title: anyText,
    unit: anyText,
    lowerIsBetter: fc.boolean(),
    bars: fc.array(fc.record({ name: anyText, value: anyNumber, kind: anyKind }), { maxLength: 5 }),
  });
  // Of sizes that something measured can have: the axes of others would run out of what a double can hold.
  const size = fc.double({ min: 1e-15, max: 1e15, noNaN: true });
  const measured = fc.oneof(
    size,
    size.map((value) => -value),
    fc.constantFrom(0, 1, 10, 1000, NaN, Infinity),
  );
  const anyPlot = fc.record({
    title: anyText,
    xLabel: anyText,
    yLabel: anyText,
    xScale: anyScale,
    yScale: anyScale,
    series: fc.array(
      fc.record({
        name: anyText,
        kind: anyKind,
        points: fc.array(fc.oneof(fc.tuple(measured, measured), fc.tuple(measured, measured, measured, measured)), {
          maxLength: 5,
        }),
      }),
      { maxLength: 7 },
    ),
  });
  const whole = (svg: string): boolean => {
    const elements = elementsOf(svg);
    const root = elements.at(-1);
    return (
      root?.name === 'svg' &&
      root.attributes['role'] === 'img' &&
      root.attributes['width'] === '860' &&
      elements.some(({ name }) => name === 'title') &&
      elements.every(({ attributes }) =>
        Object.values(attributes).every((value) => !/NaN|Infinity|undefined/.test(value)),
      )
    );
  };
  fc.assert(
    fc.property(anyText, fc.array(panel, { maxLength: 4 }), (title, panels) =>
      whole(barChart({ title, subtitle: title, panels })),
    ),
  );
  fc.assert(
    fc.property(anyText, fc.array(anyPlot, { maxLength: 4 }), (title, plots) => whole(linePlots({ title, plots }))),
  );
});

t.test('the ticks of a log axis are decades', async (t) => {
  const svg = linePlot(plot);
  t.same(texts(svg, 'x'), ['1', '10', '100', '1 k']);
  t.same(texts(svg, 'y'), ['100 k', '1 M', '10 M']);
  const xs = classed(svg, 'text', 'x').map((tick) => number(tick, 'x'));
  const steps = xs.slice(1).map((x, index) => x - (xs[index] ?? 0));
  t.ok(
    steps.every((step) => Math.abs(step - (steps[0] ?? 0)) < 0.02),
    'at equal distances',
  );
  t.same(
    texts(
      linePlot({
        ...plot,
        series: [
          {
            ...salond,
            points: [
              [20, 0.3],
              [50, 0.31],
            ],
          },
        ],
      }),
      'x',
    ),
    ['10', '100'],
    'two at least',
  );
  t.same(texts(linePlot({ ...plot, series: [{ ...salond, points: [[10, 0.01]] }] }), 'y'), ['0.01', '0.1']);
});

t.test('the ticks of a linear axis are from 0, in steps of 1, 2 or 5', async (t) => {
  const ticks = (high: number): string[] =>
    texts(
      linePlot({
        ...plot,
        yScale: 'linear',
        series: [
          {
            ...salond,
            points: [
              [1, high / 2],
              [10, high],
            ],
          },
        ],
      }),
      'y',
    );
  t.same(ticks(4.6), ['0', '1', '2', '3', '4', '5']);
  t.same(ticks(0.8), ['0', '0.2', '0.4', '0.6', '0.8']);
  t.same(ticks(190), ['0', '50', '100', '150', '200']);
  t.same(ticks(8.4e6), ['0', '2 M', '4 M', '6 M', '8 M', '10 M']);
});

t.test('a point is where its value stands on the axes', async (t) => {
  const svg = linePlot(plot);
  const dot = classed(svg, 'circle', 'ours').at(-1);
  const [low, high] = ['1 M', '10 M'].map(
    (label) =>
      number(
        classed(svg, 'text', 'y').find(({ content }) => content === label),
        'y',
      ) - 4,
  );
  const expected = (low ?? 0) + Math.log10(8) * ((high ?? 0) - (low ?? 0));
  t.ok(Math.abs(number(dot, 'cy') - expected) < 0.05);
  t.equal(classed(svg, 'circle').length, 7);
});

t.test('the rounds of a point are a bar behind it, which the axis has room for', async (t) => {
  const svg = linePlot({
    ...plot,
    yScale: 'linear',
    series: [
      {
        ...salond,
        points: [
          [1, 5, 2, 9],
          [10, 5, 5, 5],
        ],
      },
    ],
  });
  const [bar, ...others] = classed(svg, 'path', 'range');
  t.same(others, [], 'rounds that do not differ have none');
  const at = (label: string): number =>
    number(
      classed(svg, 'text', 'y').find(({ content }) => content === label),
      'y',
    ) - 4;
  t.same(texts(svg, 'y').at(-1), '10');
  const [, low, high] = /^M[\d.]+ ([\d.]+)V([\d.]+)$/.exec(bar?.attributes['d'] ?? '') ?? [];
  t.ok(Math.abs(Number(low) - at('2')) < 0.05);
  t.ok(Math.abs(Number(high) - (at('8') + at('10')) / 2) < 0.05);
});

t.test('a line of very many points has no dots', async (t) => {
  const points = Array.from({ length: 100 }, (_, x) => [x + 1, 5] as const);
  const svg = linePlot({ ...plot, series: [{ ...salond, points }] });
  t.equal(classed(svg, 'circle').length, 0);
  t.equal(classed(svg, 'path', 'line').length, 1);
});

t.test('a point that the axes cannot show breaks the line', async (t) => {
  const svg = linePlot({
    ...plot,
    series: [
      {
        ...salond,
        points: [
          [1, 1],
          [2, 0],
          [3, 1],
          [4, NaN],
          [5, 1],
          [6, 1],
        ],
      },
    ],
  });
  t.equal(classed(svg, 'circle').length, 4);
  t.match(classed(svg, 'path', 'line')[0]?.attributes['d'], /^M[^ML]+M[^ML]+M[^ML]+L[^ML]+$/);
});

t.test('a line of which nothing can be shown is named with a dash, and moves no axis', async (t) => {
  const svg = linePlot({ ...plot, series: [...plot.series, { name: 'ngIRCd', kind: 'peer', points: [[1e9, NaN]] }] });
  t.ok(texts(svg, 'label').includes('ngIRCd –'));
  t.same(texts(svg, 'x'), ['1', '10', '100', '1 k']);
});

t.test('the lines are named at their ends, and the names do not overlap', async (t) => {
  const same = Array.from({ length: 14 }, (_, index) => ({ ...nats, name: `n${index}` }));
  for (const series of [plot.series, [...plot.series, ...same]]) {
    const labels = classed(linePlot({ ...plot, series }), 'text', 'label');
    t.same(labels.map(({ content }) => content).sort(), series.map(({ name }) => name).sort());
    const heights = labels.map((label) => number(label, 'y')).sort((a, b) => a - b);
    t.ok(heights.slice(1).every((y, index) => y - (heights[index] ?? 0) >= 15.9));
  }
});

t.test('heights are spread no further than they must, and keep their order', async (t) => {
  t.same(spread([10, 50, 90], 16, 0, 100), [10, 50, 90]);
  t.same(spread([50, 50], 16, 0, 100), [42, 58]);
  t.same(spread([99, 100], 16, 0, 100), [84, 100]);
  t.same(spread([0, 90, 0], 16, 0, 100), [0, 90, 16]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 12 }), (wished) => {
      const found = spread(wished, 16, 0, 200);
      const inOrder = wished
        .map((wish, index) => [wish, found[index] ?? NaN] as const)
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      return (
        found.every((y) => y >= 0 && y <= 200) &&
        inOrder.every(([, y], index) => index === 0 || y - (inOrder[index - 1]?.[1] ?? NaN) >= 16 - 1e-9)
      );
    }),
  );
});

t.test('a name has one look in all plots, and a second line of ours differs from the first', async (t) => {
  const relaxed: Series = { ...salond, name: 'salond relaxed' };
  const other: Series = { ...nats, name: 'InspIRCd' };
  const svg = linePlots({
    title: 'a',
    plots: [
      { ...plot, series: [salond, other, nats] },
      { ...plot, series: [nats, relaxed] },
    ],
  });
  const looks = classed(svg, 'text', 'label').map(({ content, attributes }) => [content, attributes['class']]);
  t.same(looks, [
    ['InspIRCd', 'peer0 label'],
    ['nats-server', 'peer1 label'],
    ['salond', 'ours label strong'],
    ['nats-server', 'peer1 label'],
    ['salond relaxed', 'ours second label strong'],
  ]);
});

t.test('the same figures give the same bytes', async (t) => {
  t.equal(chart(bars), chart(bars));
  t.equal(linePlot(plot), linePlot(plot));
});
