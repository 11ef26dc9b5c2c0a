// Each workload's figures as Markdown tables, and the sentences below them.
import { workloadNames, workloads, type Workload } from './arguments.js';
import { milliseconds, number, percent, table } from './markdown.js';
import { serverNames, type ByServer } from './names.js';
import type { Figures } from './generator.js';
import type { ByMode } from './loads.js';
import type { Measured, Rates, Results } from './results.js';

/** A row for each server that was measured. */
function rows<Figure>(servers: ByServer<Figure>, cells: (figure: Figure | undefined) => readonly string[]): string[][] {
  return serverNames.flatMap((name) => (name in servers ? [[name, ...cells(servers[name] ?? undefined)]] : []));
}

function figuresTable(servers: ByServer<Figures>): string {
  return table(
    ['server', 'deliveries/s', 'messages/s', 'p50 ms', 'p99 ms', 'server CPU', 'generator, of that'],
    rows(servers, (of) => [
      number(of?.deliveries),
      number(of?.messages),
      milliseconds(of?.p50),
      milliseconds(of?.p99),
      number(of?.server, 2),
      percent((of?.generator ?? NaN) / (of?.server ?? NaN)),
    ]),
  );
}

/** One table for each mode that was measured. */
function loadTable({ servers, single }: ByMode): string {
  return single === undefined
    ? figuresTable(servers)
    : ['Gathered:', figuresTable(servers), 'Single:', figuresTable(single)].join('\n\n');
}

function latencyTable({ servers, fsync }: Measured['d']): string {
  const nats = servers['nats-server']?.p50;
  return [
    table(
      ['server', 'p50 ms', 'p99 ms', 'p99.9 ms', 'server CPU', 'generator, of that'],
      rows(servers, (of) => [
        milliseconds(of?.p50),
        milliseconds(of?.p99),
        milliseconds(of?.p999),
        number(of?.server, 2),
        percent((of?.generator ?? NaN) / (of?.server ?? NaN)),
      ]),
    ),
    '',
    `One fsync of 12 KB took ${milliseconds(fsync)} ms in the same run: nats-server's p50 and one fsync are ` +
      `${milliseconds(nats == null ? undefined : nats + fsync)} ms, salond's p50 is ${milliseconds(servers.salond?.p50)} ms.`,
  ].join('\n');
}

function ratesTable({ servers }: Measured['e']): string {
  const asked = [...new Set(Object.values(servers).flatMap((of) => of?.points.map(({ rate }) => rate) ?? []))].sort(
    (a, b) => a - b,
  );
  const cell = (of: Rates | undefined, rate: number): string => {
    const point = of?.points.find((each) => each.rate === rate);
    const mark = of?.bent === rate ? ' (bent)' : '';
    return point === undefined ? `–${mark}` : `${milliseconds(point.p50)} / ${milliseconds(point.p99)}${mark}`;
  };
  return [
    table(
      ['messages/s asked', ...asked.map((rate) => number(rate))],
      rows(servers, (of) => asked.map((rate) => cell(of, rate))),
    ),
    '',
    'p50 / p99 in ms. Bent: less than 95 % was delivered in time, or p99 was above a second.',
  ].join('\n');
}

function memoryTable({ servers }: Measured['g']): string {
  return table(
    ['server', 'resident KB a connection'],
    rows(servers, (of) => [number(of === undefined ? undefined : of / 1024, 2)]),
  );
}

function loginsTable({ salond, bare }: Measured['h']): string {
  return table(
    ['', 'a second'],
    [
      ['logins', number(salond, 2)],
      ['bare hashes, two at a time', number(bare, 2)],
      ['share', percent(salond / bare)],
    ],
  );
}

function historyTable({ pages, beside, alone }: Measured['i']): string {
  return table(
    ['', 'pages/s', 'flow: p50 ms', 'p99 ms'],
    [
      ['the flow alone', '–', milliseconds(alone.p50), milliseconds(alone.p99)],
      ['with 8 readers of history', number(pages), milliseconds(beside.p50), milliseconds(beside.p99)],
    ],
  );
}

function startTable({ messages, empty, full, killed }: Measured['j']): string {
  return table(
    ['on disk', 'ms until ready'],
    [
      ['nothing', number(empty)],
      [`${number(messages)} messages`, number(full)],
      ['the same, after a kill -9 under load', number(killed)],
    ],
  );
}

const tables: { readonly [Name in Workload]: (measured: Measured[Name]) => string } = {
  a: loadTable,
  b: loadTable,
  c: loadTable,
  d: latencyTable,
  e: ratesTable,
  f: loadTable,
  g: memoryTable,
  h: loginsTable,
  i: historyTable,
  j: startTable,
};

/** The tables of one workload. */
export function tableOf<Name extends Workload>(name: Name, measured: Measured[Name]): string {
  return tables[name](measured);
}

/** The workload under its heading. */
export function section<Name extends Workload>(name: Name, measured: Measured[Name]): string {
  return `### (${name}) ${workloads[name]}\n\n${tableOf(name, measured)}`;
}

/**
 * Names the measurements in which the generator took more than half of what the server took: they may show the
 * generator's limit.
 */
export function generatorLine(results: Results): string {
  const above = workloadNames.flatMap((name) => {
    if (name !== 'a' && name !== 'b' && name !== 'c' && name !== 'd' && name !== 'f') return [];
    const { servers = {}, single = {} }: Partial<ByMode> = results[name] ?? {};
    const busyIn = (figures: ByServer<Figures>, mode: string): string[] =>
      serverNames.flatMap((server) => {
        const of = figures[server];
        return of != null && of.generator > of.server / 2
          ? [`${name}${mode} of ${server} (${percent(of.generator / of.server)})`]
          : [];
      });
    return [...busyIn(servers, ''), ...busyIn(single, ' single')];
  });
  return above.length === 0
    ? "The generator took less than half of the server's processor time in every measurement."
    : `The generator took more than half of the server's processor time in: ${above.join(', ')}.`;
}

/** README's table: one line of figures for each workload that has one figure per server. */
export function summary(results: Results): string {
  const { a, b, c, d, f, g } = results;
  const of = <Figure>(servers: ByServer<Figure> | undefined, cell: (figure: Figure | undefined) => string): string[] =>
    serverNames.map((name) => cell(servers?.[name] ?? undefined));
  const deliveries = (title: string, measured: ByMode | undefined): string[][] => {
    const cell = (figures: Figures | undefined): string => number(figures?.deliveries);
    return [
      [`${title}: deliveries/s`, ...of(measured?.servers, cell)],
      ...(measured?.single === undefined
        ? []
        : [['the same, each message sent by itself: deliveries/s', ...of(measured.single, cell)]]),
    ];
  };
  const kb = (bytes: number | undefined): string => number(bytes === undefined ? undefined : bytes / 1024, 1);
  return table(
    ['', ...serverNames],
    [
      ...deliveries('one room of 54, 1,024 in flight', a),
      ...deliveries('100 rooms of 12, 200 in flight', b),
      ...deliveries('100 rooms of 12, 12,800 in flight', c),
      ...deliveries('one room of 5,000, 64 in flight', f),
      ['one message at a time to 53 others: p50 ms', ...of(d?.servers, (figures) => milliseconds(figures?.p50))],
      ['the same: p99 ms', ...of(d?.servers, (figures) => milliseconds(figures?.p99))],
      ['10,000 idle connections: KB each', ...of(g?.servers, kb)],
    ],
  );
}
