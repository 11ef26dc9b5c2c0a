// `npm run soak -- MINUTES`: users talk and connect again while the daemon is killed, restarted and out of disk, and
// while some of them do not read. At the end everybody's history is compared with the daemon's. Writes docs/soak.md and
// docs/soak.svg.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { number, table } from '../../bench/markdown.js';
import { linePlots, type Plot } from '../../bench/plot.js';
import { median } from '../../bench/rounds.js';
import { Machine } from './machine.js';
import { Member, summed, type Progress } from './member.js';

const users = 60;
const rooms = Array.from({ length: 6 }, (_, index) => `room-${index}`);
const roomsEach = 2;
const messagesPerSecond = 120;
const diskMebibytes = 1024;
const sampleSeconds = 10;

/** The seconds between two occurrences of each harm, and before the first. */
const harm = { kill: 170, restart: 410, fullDisk: 290, stalls: 60 } as const;
const fullSeconds = 10;
const stallSeconds = 20;

interface Sample {
  readonly minute: number;
  readonly memory: number;
  readonly files: number;
  readonly p99: number;
}

const violations: string[] = [];
const samples: Sample[] = [];
const counts = { messages: 0, kill: 0, restart: 0, fullDisk: 0, stalls: 0 };
let waits: number[] = [];

function p99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? NaN;
}

/** Reads all messages of a room as a user who was never in it. */
async function history(port: number, name: string): Promise<Progress> {
  const heard: Progress = { last: 0, sum: 0 };
  const socket = connect(port, '127.0.0.1');
  const command = (text: object): void => void socket.write(`${JSON.stringify(text)}\n`);
  command({ command: 'create_user', username: 'reader', first_name: 'R', last_name: 'R', password: 'reads it all' });
  command({ command: 'authenticate_user', username: 'reader', password: 'reads it all' });
  command({ command: 'join_chatroom', username: 'reader', room: name, after: 0 });
  for await (const line of createInterface(socket)) {
    const [code = '', json = ''] = line.split('\t');
    const body = JSON.parse(json) as Readonly<Record<string, unknown>>;
    if (code === '110') {
      heard.last = Number(body['id']);
      heard.sum = summed(heard.sum, heard.last, String(body['username']), String(body['message']));
    } else if (body['command'] === 'join_chatroom') {
      break;
    }
  }
  socket.destroy();
  return heard;
}

async function harmUntil(end: number, machine: Machine, members: readonly Member[]): Promise<void> {
  const next = Object.fromEntries(
    Object.entries(harm).map(([name, seconds]) => [name, performance.now() + seconds * 1000]),
  ) as Record<keyof typeof harm, number>;
  const due = (name: keyof typeof harm): boolean => {
    if (performance.now() < next[name]) return false;
    next[name] += harm[name] * 1000;
    counts[name] += 1;
    return true;
  };
  let stalls: readonly Promise<void>[] = [];
  while (performance.now() < end) {
    await sleep(500);
    if (due('stalls')) stalls = members.slice(0, 5).map((member) => member.stall(stallSeconds * 1000));
    for (const [name, signal] of [
      ['kill', 'SIGKILL'],
      ['restart', 'SIGTERM'],
    ] as const) {
      if (!due(name)) continue;
      await machine.stop(signal);
      await machine.start();
    }
    if (due('fullDisk')) {
      machine.fill();
      await sleep(fullSeconds * 1000);
      machine.free();
    }
  }
  // The histories are compared only after stalled users read again.
  await Promise.all(stalls);
}

function report(minutes: number, machine: Machine, members: readonly Member[], heads: number): string {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const row = (title: string, part: readonly Sample[]): string[] => [
    title,
    number(median(part.map(({ memory }) => memory)) / 2 ** 20, 1),
    number(median(part.map(({ files }) => files))),
    number(median(part.map((each) => each.p99)), 1),
  ];
  return `# Soak

\`npm run soak -- ${minutes}\`, ${new Date().toISOString().slice(0, 10)}: ${users} users in ${rooms.length} rooms, each user in ${roomsEach}, sent ${number(counts.messages)} messages in
${minutes} minutes, ${number(messagesPerSecond)} a second. In that time

- the daemon was killed ${counts.kill} times and restarted ${counts.restart} times;
- ${counts.fullDisk} times its disk was full for ${fullSeconds} s;
- ${counts.stalls} times five users read nothing for ${stallSeconds} s.

The users connected ${number(members.reduce((sum, { connects }) => sum + connects, 0))} times, and the daemon started ${machine.starts} times.

At the end ${number(heads)} messages were in the rooms. Each user had every message of its rooms once, in order: ${violations.length === 0 ? 'no violation' : `**${violations.length} violations**`}.

${table(
  ['quarter of the time', 'memory, MiB', 'open files', 'p99 from a message to its answer, ms'],
  [0, 1, 2, 3].map((part) => row(`${part + 1}`, samples.slice(part * quarter, (part + 1) * quarter))),
)}

Latency is that of users who read: an answer that waited for a user who had stopped reading is no latency of the daemon's. A peak is a
restart or a full disk.

![Memory, open files and latency over the time](soak.svg)

${violations
  .slice(0, 20)
  .map((text) => `- ${text}`)
  .join('\n')}
`;
}

function drawing(): string {
  const plot = (
    title: string,
    yLabel: string,
    of: (sample: Sample) => number,
    yScale: 'linear' | 'log' = 'linear',
  ): Plot => ({
    title,
    xLabel: 'minutes',
    yLabel,
    yScale,
    series: [{ name: 'salond', kind: 'ours', points: samples.map((sample) => [sample.minute, of(sample)] as const) }],
  });
  return linePlots({
    title: 'A soak',
    subtitle:
      'Mixed load with kills, restarts, full disks and users who stop reading for a while. Latency is of users who read.',
    plots: [
      plot('Resident memory', 'MiB', ({ memory }) => memory / 2 ** 20),
      plot('Open files', 'files', ({ files }) => files),
      plot('From a message to its answer, p99', 'ms', (sample) => sample.p99, 'log'),
    ],
  });
}

async function soak(minutes: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'salond-soak-'));
  const machine = await Machine.make(folder, diskMebibytes);
  try {
    await machine.start();
    const hooks = {
      port: () => machine.port,
      answered: (milliseconds: number | undefined) => {
        counts.messages += 1;
        if (milliseconds !== undefined) waits.push(milliseconds);
      },
      violation: (what: string) => {
        violations.push(what);
        process.stderr.write(`soak: ${what}\n`);
      },
    };
    const members = Array.from(
      { length: users },
      (_, index) =>
        new Member(
          `user-${index}`,
          Array.from({ length: roomsEach }, (_, at) => rooms[(index + at * 3) % rooms.length] ?? ''),
          hooks,
        ),
    );
    const lives = members.map((member) => member.live());
    const begun = performance.now();
    const talk = setInterval(() => {
      members[Math.floor(Math.random() * users)]?.say();
    }, 1000 / messagesPerSecond);
    const watch = setInterval(() => {
      const usage = machine.usage();
      if (usage !== undefined && waits.length > 0)
        samples.push({ minute: (performance.now() - begun) / 60_000, ...usage, p99: p99(waits) });
      waits = [];
    }, sampleSeconds * 1000);
    await harmUntil(begun + minutes * 60_000, machine, members);
    clearInterval(talk);
    for (const limit = performance.now() + 60_000; !members.every(({ settled }) => settled); ) {
      if (performance.now() > limit) throw new Error('somebody is not in, or waits for an answer');
      await sleep(200);
    }
    await sleep(2000);
    clearInterval(watch);
    let heads = 0;
    for (const room of rooms) {
      const all = await history(machine.port, room);
      heads += all.last;
      for (const { name, heard } of members) {
        const own = heard.get(room);
        if (own !== undefined && (own.last !== all.last || own.sum !== all.sum))
          hooks.violation(`${name} has another history of ${room}`);
      }
    }
    for (const member of members) member.end();
    await Promise.all(lives);
    const root = join(import.meta.dirname, '../../..');
    const text = report(minutes, machine, members, heads);
    writeFileSync(join(root, 'docs/soak.md'), text);
    writeFileSync(join(root, 'docs/soak.svg'), drawing());
    process.stdout.write(text);
    if (violations.length > 0) process.exitCode = 1;
  } finally {
    await machine.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

await soak(Number(process.argv[2] ?? 60));
