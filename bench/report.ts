// Writes the results: docs/bench.json, docs/bench.md, the charts, and the table in README.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workloadNames, type Workload } from './arguments.js';
import { barChart, type Bar, type Panel } from './chart.js';
import type { Figures } from './generator.js';
import { goalsTable, judge } from './goals.js';
import type { ByMode } from './loads.js';
import { replaceMarked, table } from './markdown.js';
import { method } from './method.js';
import { kinds, serverNames, type ByServer } from './names.js';
import { linePlot, type Series } from './plot.js';
import type { Circumstances, Results } from './results.js';
import { generatorLine, section, summary } from './tables.js';

/** A panel of the chart; none for a workload that was not measured. */
function panel<Figure>(
  title: string,
  unit: string,
  servers: ByServer<Figure> | undefined,
  valueOf: (figure: Figure) => number,
  lowerIsBetter = false,
): Panel[] {
  if (servers === undefined) return [];
  const bars = serverNames.flatMap((name): Bar[] => {
    const figure = servers[name];
    return figure === undefined ? [] : [{ name, kind: kinds[name], value: figure === null ? NaN : valueOf(figure) }];
  });
  return [{ title, unit, bars, lowerIsBetter }];
}

/** A panel for each mode that was measured. */
function loadPanels(title: string, measured: ByMode | undefined): Panel[] {
  const deliveries = ({ deliveries }: Figures): number => deliveries;
  return [
    ...panel(title, 'deliveries/s', measured?.servers, deliveries),
    ...panel(`${title}, each sent by itself`, 'deliveries/s', measured?.single, deliveries),
  ];
}

/** The bar chart of docs/bench.svg. */
export function bars({ a, b, c, d, f, g }: Results): string {
  return barChart({
    title: 'salond beside servers that store nothing',
    subtitle:
      '100-byte messages on one machine of two cores; salond has every message on disk before anyone sees it. Medians; a higher bar is ' +
      'better where a second is counted, a lower one for latency and memory.',
    panels: [
      ...loadPanels('One room of 54, 1,024 messages in flight', a),
      ...loadPanels('100 rooms of 12, 200 in flight', b),
      ...loadPanels('100 rooms of 12, 12,800 in flight', c),
      ...loadPanels('One room of 5,000, 64 in flight', f),
      ...panel('One message at a time to 53 others', 'p50 in ms', d?.servers, ({ p50 }) => p50, true),
      ...panel('10,000 idle connections', 'KB of memory each', g?.servers, (bytes) => bytes / 1024, true),
    ],
  });
}

/** The line plot of docs/bench-rates.svg. */
export function rates({ servers }: NonNullable<Results['e']>): string {
  return linePlot({
    title: '10,000 connections in 1,000 rooms: p99 latency against rate',
    xLabel: 'messages/s sent, each to 9 others',
    yLabel: 'p99 in ms',
    xScale: 'log',
    yScale: 'log',
    series: serverNames.flatMap((name): Series[] => {
      const of = servers[name];
      return of == null
        ? []
        : [{ name, kind: kinds[name], points: of.points.map(({ rate, p99 }) => [rate, p99] as const) }];
    }),
  });
}

function circumstancesTable(results: Results): string {
  const groups = new Map<string, { readonly under: Circumstances; readonly names: Workload[] }>();
  for (const name of workloadNames) {
    const under = results[name]?.under;
    if (under === undefined) continue;
    const key = JSON.stringify(under);
    const group = groups.get(key) ?? { under, names: [] };
    group.names.push(name);
    groups.set(key, group);
  }
  const head = ['workloads', 'date', 'Node', 'processor', 'kernel', 'TCP', 'rounds', 'seconds'];
  return table(
    head,
    [...groups.values()].map(({ under, names }) => [
      names.join(' '),
      under.date,
      under.node,
      under.processor,
      under.kernel,
      under.congestionControl,
      String(under.rounds),
      String(under.seconds),
    ]),
    head.slice(0, 6),
  );
}

/** The text of docs/bench.md. */
export function document(results: Results): string {
  const sections = workloadNames.flatMap((name) => {
    const measured = results[name];
    // `section(name)` takes `results[name]`, but TypeScript can't tie the two in a loop.
    return measured === undefined ? [] : [section(name, measured as never)];
  });
  return (
    [
      '# Measured',
      'Written by `npm run bench`; the numbers are in [bench.json](bench.json).',
      '![](bench.svg)',
      '## Goals',
      goalsTable(judge(results)),
      '## Workloads',
      ...sections,
      ...(results.e === undefined ? [] : ['![](bench-rates.svg)']),
      generatorLine(results),
      '## Method',
      method,
      circumstancesTable(results),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** Writes all documents. `root` is the project's folder. */
export function writeReport(root: string, results: Results): void {
  const docs = (name: string): string => join(root, 'docs', name);
  const sorted = Object.fromEntries(
    workloadNames.flatMap((name) => (results[name] === undefined ? [] : [[name, results[name]]])),
  );
  writeFileSync(docs('bench.json'), `${JSON.stringify(sorted, null, 2)}\n`);
  writeFileSync(docs('bench.md'), document(results));
  writeFileSync(docs('bench.svg'), bars(results));
  if (results.e !== undefined) writeFileSync(docs('bench-rates.svg'), rates(results.e));
  const readme = join(root, 'README.md');
  const replaced = replaceMarked(readFileSync(readme, 'utf8'), summary(results));
  if (replaced !== undefined) writeFileSync(readme, replaced);
}
