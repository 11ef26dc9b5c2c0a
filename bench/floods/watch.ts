// Watches a daemon during an attack: its memory and open files, and, afterwards, whom it put out.
import { readdirSync } from 'node:fs';
import { get } from 'node:http';
import { memoryBytes } from '../process.js';
import type { Attacked } from './daemon.js';

/** Milliseconds between two looks. */
const period = 200;

/** The most that a daemon took. */
export interface Peaks {
  /** Resident memory in MiB. */
  readonly memory: number;
  readonly files: number;
}

/** Watches until the returned function is called, which returns the peaks. */
export function watch({ pid, ended }: Attacked): () => Peaks {
  let [memory, files] = [0, 0];
  const look = (): void => {
    if (ended() !== undefined) return;
    try {
      memory = Math.max(memory, memoryBytes(pid, 'VmHWM') / 2 ** 20);
      files = Math.max(files, readdirSync(`/proc/${pid}/fd`).length);
    } catch {
      // It has just ended.
    }
  };
  const timer = setInterval(look, period);
  return () => {
    clearInterval(timer);
    look();
    return { memory, files };
  };
}

/** Reads the daemon's metrics; '' if it does not give them. */
export function metricsOf(port: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/metrics', agent: false, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve(text));
      response.on('error', () => resolve(''));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(''));
    request.on('close', () => resolve(''));
  });
}

/** Counters of refusals in the daemon's metrics: label and words for the table. */
const counters = [
  { name: 'salond_connections_refused_total', label: 'reason', verb: 'not let in' },
  { name: 'salond_connections_closed_total', label: 'reason', verb: 'put out' },
] as const;

/** Replies of these codes tell somebody to come later. */
const later = ['14', '16'] as const;

/** Says who was refused and put out, from the text of the metrics: `put out: you read too slowly × 64`. */
export function putOut(metrics: string): string {
  if (metrics === '') return 'the metrics could not be read';
  const parts = counters.flatMap(({ name, label, verb }) => {
    const found = samples(metrics, name).filter(({ value }) => value > 0);
    if (found.length === 0) return [];
    return [`${verb}: ${found.map(({ labels, value }) => `${labels[label] ?? ''} × ${format(value)}`).join(', ')}`];
  });
  const replies = samples(metrics, 'salond_replies_total');
  for (const code of later) {
    const count = replies.filter(({ labels }) => labels['code'] === code).reduce((sum, { value }) => sum + value, 0);
    if (count > 0) parts.push(`answered ${code} × ${format(count)}`);
  }
  return parts.join('; ');
}

function format(value: number): string {
  return value.toLocaleString('en-US');
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of one metric in Prometheus' text format. */
export function samples(metrics: string, name: string): readonly Sample[] {
  return metrics.split('\n').flatMap((line) => {
    const [, found, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (found !== name) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', text = '']) => [key, text]);
    return [{ labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}
