// Judges the goals: salond's figures compared with those of the fastest peer in the same run.
import { milliseconds, number, percent, table } from './markdown.js';
import { bestPeer, type ByServer, type ServerName } from './names.js';
import type { Figures } from './generator.js';
import type { Results } from './results.js';

/** A goal and whether it is met. */
export interface Verdict {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: string;
  /**
   * Measured divided by wanted, or wanted by measured where less is better: met at 1 or more. NaN if a figure is
   * missing.
   */
  readonly ratio: number;
}

interface Limit {
  readonly goal: string;
  readonly wanted: string;
  readonly measured: string;
  readonly value: number;
  readonly limit: number;
}

const atLeast = ({ value, limit, ...said }: Limit): Verdict => ({ ...said, ratio: value / limit });
const atMost = ({ value, limit, ...said }: Limit): Verdict => ({ ...said, ratio: limit / value });

function times(
  name: 'a' | 'b' | 'c' | 'f',
  { servers }: { readonly servers: ByServer<Figures> },
  limit: number,
  ours: ServerName = 'salond',
): Verdict[] {
  const peer = bestPeer(servers, ({ deliveries }) => deliveries);
  const value = (servers[ours]?.deliveries ?? NaN) / (peer?.value ?? NaN);
  return [
    atLeast({
      goal: `(${name}) ${ours}: deliveries/s`,
      wanted: `≥ ${number(limit, 1)} × the fastest peer's`,
      measured: `${number(value, 2)} × ${peer?.name ?? 'none'}'s`,
      value,
      limit,
    }),
  ];
}

function single({ servers: { salond, 'nats-server': nats }, fsync }: NonNullable<Results['d']>): Verdict[] {
  const [p50, p99, limit] = [salond?.p50 ?? NaN, salond?.p99 ?? NaN, (nats?.p50 ?? NaN) + fsync];
  return [
    atMost({
      goal: '(d) p50',
      wanted: `≤ nats-server's and one fsync: ${milliseconds(limit)} ms`,
      measured: `${milliseconds(p50)} ms`,
      value: p50,
      limit,
    }),
    atMost({ goal: '(d) p99', wanted: '< 3 × p50', measured: `${number(p99 / p50, 2)} ×`, value: p99 / p50, limit: 3 }),
  ];
}

function memory({ servers: { salond, 'nats-server': nats } }: NonNullable<Results['g']>): Verdict[] {
  const value = salond ?? NaN;
  const kb = `${number(value / 1024, 2)} KB`;
  return [
    atMost({ goal: '(g) memory a connection', wanted: '< 6 KB', measured: kb, value, limit: 6 * 1024 }),
    atMost({
      goal: '(g) the same',
      wanted: "< 1/3 of nats-server's",
      measured: `${number(value / (nats ?? NaN), 2)} of it`,
      value,
      limit: (nats ?? NaN) / 3,
    }),
  ];
}

/** Judges the goals of the workloads that were measured. */
export function judge({ a, b, c, d, f, g, h, j }: Results): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  if (a !== undefined) verdicts.push(...times('a', a, 2));
  if (b !== undefined) verdicts.push(...times('b', b, 1.2));
  if (c !== undefined) verdicts.push(...times('c', c, 2));
  if (d !== undefined) verdicts.push(...single(d));
  if (f !== undefined) verdicts.push(...times('f', f, 1.5));
  if (g !== undefined) verdicts.push(...memory(g));
  if (h !== undefined) {
    const value = h.salond / h.bare;
    verdicts.push(
      atLeast({ goal: '(h) logins', wanted: '≥ 95 % of the bare hash', measured: percent(value), value, limit: 0.95 }),
    );
  }
  if (j !== undefined) {
    verdicts.push(
      atMost({
        goal: `(j) ready with ${number(j.messages)} messages`,
        wanted: '< 500 ms',
        measured: `${number(j.full)} ms`,
        value: j.full,
        limit: 500,
      }),
    );
  }
  if (a !== undefined) verdicts.push(...times('a', a, 3, 'salond, relaxed'));
  if (b !== undefined) verdicts.push(...times('b', b, 1.5, 'salond, relaxed'));
  return verdicts;
}

/** Whether the goal is met. */
export function isMet({ ratio }: Verdict): boolean {
  return ratio >= 1;
}

/** The verdicts as a table. */
export function goalsTable(verdicts: readonly Verdict[]): string {
  const judged = (verdict: Verdict): string =>
    Number.isNaN(verdict.ratio) ? '–' : isMet(verdict) ? 'met' : '**missed**';
  return table(
    ['goal', 'wanted', 'measured', 'ratio', ''],
    verdicts.map((verdict) => [
      verdict.goal,
      verdict.wanted,
      verdict.measured,
      number(verdict.ratio, 2),
      judged(verdict),
    ]),
    ['goal', 'wanted', 'measured', ''],
  );
}
