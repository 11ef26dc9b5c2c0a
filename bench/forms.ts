// `npm run bench:forms`: what it costs that half of a room reads another form (PROTOCOL.md §8.2). All variants are
// measured by turns on servers of their own. Writes docs/forms.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromCommandLine, sizesOf } from './arguments.js';
import { compile, modes, type Mode } from './generator.js';
import { loads, measureLoad } from './loads.js';
import { number, table } from './markdown.js';
import { root } from './process.js';
import { circumstances, type Circumstances } from './results.js';
import { median, significant } from './rounds.js';
import { makeData } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

/** What half of the room asks for. */
const halves: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  json: { form: 'json' },
  tsv: { form: 'tsv' },
  text: { form: 'text' },
  'json, `ascii`': { ascii: true },
  'tsv, `max_line` 512': { form: 'tsv', max_line: 512 },
};

/** The workloads: a large room, and small ones. */
const measured = ['a', 'b'] as const;

type Deliveries = Record<string, number[]>;

async function main(): Promise<void> {
  const sizes = sizesOf(process.env, { rounds: 5, seconds: 3, messages: 1 });
  const { rounds, seconds } = sizes;
  compile();
  const folder = makeWorkFolder();
  const data = join(folder, 'data');
  await makeData(data, loads.a.members);
  const rows: string[][] = [];
  for (const name of measured) {
    for (const mode of modes) {
      const found: Deliveries = {};
      for (let round = 0; round < rounds; round += 1) {
        for (const [title, half] of Object.entries(halves)) {
          const server = salond({ data, copy: join(folder, 'copy'), half });
          const { deliveries } = await measureLoad(server, { ...loads[name], mode }, seconds);
          (found[title] ??= []).push(deliveries);
        }
      }
      rows.push(...rowsOf(name, mode, found));
      console.log(
        rows
          .slice(-Object.keys(halves).length)
          .map((row) => row.join('  '))
          .join('\n'),
      );
    }
  }
  writeFileSync(join(root, 'docs/forms.md'), page(rows, circumstances(sizes)));
}

/** The ratios are medians of those within a round, in which the machine is the same. */
function rowsOf(name: string, mode: Mode, found: Deliveries): string[][] {
  const base = found['json'] ?? [];
  return Object.entries(found).map(([title, figures]) => [
    `${name}, ${mode}`,
    title,
    number(significant(median(figures), 3)),
    median(figures.map((figure, round) => (base[round] ?? NaN) / figure)).toFixed(2),
  ]);
}

function page(rows: readonly string[][], { rounds, seconds, node, processor, date }: Circumstances): string {
  return `# What forms cost

Every second member of each room has asked for another form before it joined (PROTOCOL.md, section 8). The lines of a batch are encoded
once for each form that somebody in the room reads. The ratio is the time of a delivery beside that of a room that reads JSON alone: the
median of ${rounds} rounds of ${seconds} s, all variants by turns in each. Messages have 100 bytes. Measured by \`npm run bench:forms\`
on ${processor}, Node.js ${node}, ${date}.

${table(['workload', 'every second member reads', 'deliveries a second', 'time'], rows, ['workload', 'every second member reads'])}
`;
}

await fromCommandLine(main);
