// The text of docs/floods.md.
import type { Sizes } from '../arguments.js';
import { milliseconds, number, table } from '../markdown.js';
import { circumstances } from '../results.js';
import { halls } from './data.js';
import type { Delay } from './delays.js';
import { goal, type Row } from './figures.js';
import { packetBytes, type NetworkLikeness } from './loopback.js';
import { crowd, drain, memoryLimit, rate } from './measure.js';
import { attackTable } from './table.js';
import { watchdogSeconds } from './watchdog.js';

/** What the document shows. */
export interface Measured extends NetworkLikeness {
  readonly rows: readonly Row[];
  /** The delays under each kind of hostile bytes alone. */
  readonly each: readonly (readonly [title: string, delay: Delay])[];
  /** Seconds for which each kind was sent. */
  readonly eachSeconds: number;
  readonly sizes: Sizes;
  /** Whether the daemon ran in a memory cgroup. */
  readonly limited: boolean;
}

/** The document, in Markdown. */
export function document({ rows, each, eachSeconds, sizes, limited, isNarrow, isDoubled }: Measured): string {
  const { date, processor, kernel, node } = circumstances(sizes);
  const { seconds } = sizes;
  const counts = rows.map(({ rounds }) => rounds);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const rounds = fewest === most ? `${most} rounds` : `${fewest} to ${most} rounds`;
  const limit = limited
    ? `The daemon runs in a memory cgroup of ${memoryLimit / 2 ** 20} MiB, where the kernel kills it if it takes more.`
    : 'No memory cgroup could be made here, so the daemon ran without a limit of memory: **this was skipped**.';
  const packets = isNarrow
    ? `The loopback interface carries packets of ${number(packetBytes)} bytes meanwhile, as networks do. With its own of 64 KiB the kernel gives each connection megabytes of
buffers, and those of attackers, who have machines of their own, would take what it has for all connections.`
    : 'The loopback interface could not be set to packets as networks have them, so the kernel gives each connection megabytes of buffers.';
  const kernelMemory = isDoubled
    ? `The kernel has twice its usual memory for connections (\`tcp_mem\`) meanwhile, because it keeps both ends of each here. Without that all attacks together
exceed it, and the kernel slows down everybody's connections.`
    : 'The memory that the kernel has for connections (`tcp_mem`) could not be doubled, although both ends of each connection are here.';
  return `# Floods

\`npm run bench:floods\` on ${processor}, Linux ${kernel}, Node ${node}, ${date}: a room of ${crowd.members} receives ${rate} messages of ${number(crowd.bytes)} bytes a
second, first alone and then while somebody attacks the daemon. Each row has ${rounds} of ${number(seconds)} s or more, and the rows take turns.

${limit}
${packets}
${kernelMemory}
The daemon has its default settings, except where the table says otherwise and for the addresses that it listens on. Nobody is exempt from limits
(\`exempt_addresses\` is empty): the ${crowd.members} talkers come from ${crowd.addresses} addresses, and ${crowd.speakers} of them speak, so that nobody exceeds a limit. Attackers come from
other addresses of 127.0.0.0/8. All of these share two processors. Each attack is a process of its own that only has the time that nobody else wants
(\`SCHED_IDLE\`), because attackers have machines of their own. The data has ${number(halls)} rooms that nobody is in.

A password hash costs what the defaults say in the attacks with passwords. In all of them together it does so once everybody is in: thousands log in for
these attacks, and do so by cheap hashes. In the other attacks hashes stay cheap.

- **p50 and p99** are the medians of the rounds, from the time when a message was due until all others of the room have it. *Worst p99* is that of the
  worst round. The goal is a p99 below ${goal} ms. It is missed too where a message did not arrive in ${drain} s, or where the daemon ended.
- **Honest users out** names the talkers and readers who lost their connection, and those beside them who were refused what belongs to them (a login, say).
- **The longest delay** of the daemon's event loop is by the clock. Beside it is that of an idle process that is measured in the same way: where this is
  long too, the machine was busy and not the daemon.
- **The longest step** is in processor time of the loop's thread, without garbage collection, which has a column of its own: the most in one step.
- **Watchdog** is the longest time in which the daemon did not report to its service manager that it is alive. It is watched as with
  \`WatchdogSec=${watchdogSeconds}\`, so it reports every ${watchdogSeconds / 2} s and would be late after ${watchdogSeconds} s; the unit gives it 30 s.
- **Memory** is the peak of the daemon's resident memory, and **files** the most that it had open.

These, but for p50 and p99, are the most of all rounds. Words are those of the last round.

${attackTable(rows)}

Each kind of bytes alone, for ${number(eachSeconds)} s, against a daemon with nothing else to do:

${table(
  ['bytes', 'longest delay of the loop, ms', 'longest step, ms'],
  each.map(([name, { delay, step }]) => [name, milliseconds(delay), milliseconds(step)]),
)}
`;
}
