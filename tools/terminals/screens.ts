// The screens of docs/terminals.md: which program runs in a terminal, what is typed, and what has to be shown before
// the next line is typed.
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled } from '../../bench/process.js';
import { Other, Salon } from './salon.js';
import { SerialLine } from './serial.js';
import { Terminal } from './terminal.js';

/** Where a program connects to. */
export interface Place {
  readonly port: number;
  readonly socket: string;
}

/** One screen of the page. */
export interface Screen {
  readonly name: string;
  /** The programs that it needs. */
  readonly programs: readonly string[];
  /** Whether it is the same each time, but for times and ports. */
  readonly isRepeatable: boolean;
  /** Shows it. Answers the text of the screen. */
  readonly show: () => Promise<string>;
}

/** Types a line, and waits until that is shown. */
type Step = (terminal: Terminal, bob: Other) => Promise<void>;

const line =
  (typed: string, shown: string | RegExp): Step =>
  async (terminal) => {
    terminal.type(`${typed}\n`);
    await terminal.shows(typed.slice(-20));
    await terminal.shows(shown);
  };

/** Bob says something, which is shown. */
const bobSays =
  (text: string): Step =>
  async (terminal, bob) => {
    await bob.send(`say lobby ${text}`);
    await terminal.shows(text);
  };

const wait =
  (shown: string | RegExp): Step =>
  async (terminal) =>
    terminal.shows(shown);

/** Waits until the program has ended by itself. */
const ends: Step = (terminal) => terminal.ends();

/** Presses keys, and waits until the terminal shows them. */
const press =
  (keys: string, shown: string): Step =>
  async (terminal) => {
    terminal.type(keys);
    await terminal.shows(shown);
  };

/** Presses Ctrl-D, which a terminal does not show. */
const endOfInput: Step = async (terminal) => terminal.type('\u0004');

/** The whole line of a success, or of a refusal. */
const [reply, refusal] = [/^1\t[^\n]*\n/m, /^[2-9]\t[^\n]*\n/m];

/** What a person types first: sentences, a user, a room. */
const comesIn: readonly Step[] = [
  line('session text', reply),
  line('register alice Alice Liddell rabbit-hole', reply),
  line('login alice rabbit-hole', reply),
  line('join lobby', reply),
];

/** A screen of a program that connects as `command` says. */
function screenOf(
  name: string,
  programs: readonly string[],
  command: (place: Place) => string,
  steps: readonly Step[],
): Screen {
  const show = async (): Promise<string> => {
    const salon = await Salon.open();
    const bob = await Other.enter(salon, 'bob', 'lobby');
    const typed = command({ port: 7256, socket: '/run/salond/chat.sock' });
    const terminal = new Terminal(command(salon));
    try {
      for (const step of steps) await step(terminal, bob);
      await sleep(300);
      return tidied(`$ ${typed}\n${terminal.screen}`, salon);
    } finally {
      bob.leave();
      await terminal.close();
      await salon.close();
    }
  };
  return { name, programs: ['script', ...programs], isRepeatable: true, show };
}

/** Puts in place of what differs each time what the page has. */
function tidied(screen: string, { port, socket }: Place): string {
  return `${screen
    .replaceAll(String(port), '7256')
    .replaceAll(socket, '/run/salond/chat.sock')
    .replace(/^(1\d\d\t)\d\d:\d\d /gm, '$112:00 ')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-11-22 12:00')
    .trimEnd()}\n`;
}

const talk: readonly Step[] = [...comesIn, bobSays('hello alice'), line('say lobby good evening', reply)];

const bye = line('bye', reply);

/** A session over a serial line. @param setting what the terminal asks for at first */
function serialScreen(name: string, noise: number, steps: readonly Step[]): Screen {
  const show = async (): Promise<string> => {
    const salon = await Salon.open();
    const bob = await Other.enter(salon, 'bob', 'lobby');
    const serial = await SerialLine.open(salon.folder, { baud: 9600, noise });
    const [here, there] = serial.ends;
    const bridge = new Terminal(`socat ${there},raw,echo=0 TCP:127.0.0.1:${salon.port}`);
    const terminal = new Terminal(`socat - ${here},raw,echo=0`);
    try {
      for (const step of steps) await step(terminal, bob);
      await sleep(1500);
      const screen = `$ socat - /dev/ttyUSB0,b9600,raw,echo=0\n${terminal.screen}`;
      return tidied(screen, salon);
    } finally {
      bob.leave();
      await terminal.close();
      await bridge.close();
      serial.close();
      await salon.close();
    }
  };
  return { name, programs: ['script', 'socat'], isRepeatable: noise === 0, show };
}

/** Types a line over a line that may change it: whatever comes back is taken. */
const tries = (typed: string): Step => {
  return async (terminal) => {
    terminal.type(`${typed}\n`);
    await sleep(typed.length * 2 + 2500);
  };
};

/** All screens of the page, in its order. */
export const screens: readonly Screen[] = [
  screenOf('nc.openbsd', ['nc.openbsd'], ({ port }) => `nc.openbsd 127.0.0.1 ${port}`, [
    ...talk,
    line('sya lobby oops', refusal),
    line('say lobby', refusal),
    bye,
    endOfInput,
    ends,
  ]),
  screenOf('nc.openbsd -U', ['nc.openbsd'], ({ socket }) => `nc.openbsd -U ${socket}`, [
    ...talk,
    bye,
    endOfInput,
    ends,
  ]),
  screenOf('nc.traditional', ['nc.traditional'], ({ port }) => `nc.traditional 127.0.0.1 ${port}`, [
    ...talk,
    bye,
    ends,
  ]),
  screenOf('busybox nc', ['busybox'], ({ port }) => `busybox nc 127.0.0.1 ${port}`, [...talk, bye, ends]),
  screenOf('inetutils-telnet', ['inetutils-telnet'], ({ port }) => `inetutils-telnet 127.0.0.1 ${port}`, [
    wait('Escape character'),
    ...talk,
    press('say lobby I have changed my mind', 'changed my mind'),
    press('\u0003', '^C'),
    press('\n', '\n'),
    line('say lobby été', reply),
    bye,
    ends,
  ]),
  screenOf('telnet-ssl', ['telnet-ssl'], ({ port }) => `telnet-ssl 127.0.0.1 ${port}`, [
    wait('Escape character'),
    ...talk,
    line('say lobby été', reply),
    bye,
    ends,
  ]),
  screenOf('busybox telnet', ['busybox'], ({ port }) => `busybox telnet 127.0.0.1 ${port}`, [
    wait('Connected to'),
    ...talk,
    bye,
    ends,
  ]),
  serialScreen('serial', 0, [
    line('session text', reply),
    line('register alice Alice Liddell rabbit-hole', reply),
    line('login alice rabbit-hole', reply),
    line('join lobby', reply),
    bobSays('hello alice'),
    line('say lobby good evening', reply),
  ]),
  serialScreen('noise', 1 / 80, [
    tries('session text'),
    tries('session text'),
    tries('register alice Alice Liddell rabbit-hole'),
    tries('login alice rabbit-hole'),
    tries('join lobby'),
    tries('say lobby can you read this?'),
    tries('say lobby once more: can you read this?'),
    tries('history lobby'),
    tries('history lobby'),
  ]),
];

/** The first of the programs that is not installed. */
export function missing({ programs }: Screen): string | undefined {
  return programs.find((program) => !isInstalled(program));
}
