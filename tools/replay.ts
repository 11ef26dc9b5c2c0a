// `npm run dialogues -- [HOST:PORT] [FILE…]`: replays golden conversations over TCP against any running server, and
// reports for each whether it went as written. protocol/dialogues/README.md explains the format.
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { DialogueError, lastSteps, parseDialogue, show, Values, write, type Left, type Step } from './dialogue.js';
import { readProtocol } from './protocol-files.js';
import { formNames, formsOf, jsonForm, otherForm, type ReplayForm } from './replay-forms.js';
import { lineChecks } from './validator.js';

/** The server that a dialogue is replayed against. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** How lines are written and read. */
  readonly form: ReplayForm;
  /** Milliseconds to wait for each expected line. */
  readonly timeout: number;
}

/** The first line of a dialogue that failed: the expected line, and what came instead. */
export interface Failure {
  readonly at: number;
  readonly expected: string;
  readonly came: string;
}

const notice = 190;
const closedByServer = 'the server closed the connection';

/** The paths of all files in protocol/dialogues, by name. */
export function dialogueFiles(): string[] {
  const folder = join(import.meta.dirname, '../../protocol/dialogues');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => join(folder, name));
}

/** One client of a dialogue. */
class Client {
  left: Left = 'open';
  readonly socket: Socket;
  readonly #timeout: number;
  #bytes = Buffer.alloc(0);
  #end: string | undefined;
  #wake: () => void = () => undefined;

  constructor({ host, port, timeout }: Target) {
    this.#timeout = timeout;
    this.socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#wake();
    });
    this.socket.on('end', () => this.#finish(closedByServer));
    this.socket.on('error', ({ message }) => this.#finish(`the connection broke: ${message}`));
  }

  #finish(how: string): void {
    this.#end ??= how;
    this.#wake();
  }

  /** Waits until `count` bytes have come, and removes and returns them. Returns a sentence if they do not come. */
  async take(count: (bytes: Buffer) => number): Promise<Buffer | string> {
    const timer = setTimeout(() => this.#finish(`nothing for ${this.#timeout} ms`), this.#timeout);
    try {
      for (;;) {
        const length = count(this.#bytes);
        const taken = this.#bytes.subarray(0, length);
        if (length > 0 && taken.length === length) {
          this.#bytes = this.#bytes.subarray(length);
          return taken;
        }
        if (this.#end !== undefined)
          return this.#bytes.length === 0 ? this.#end : `${show(this.#bytes)}, then ${this.#end}`;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Executes one step. Returns what came if something else was expected; undefined if the step succeeded. */
async function execute(step: Step, client: Client, values: Values, form: ReplayForm): Promise<string | undefined> {
  switch (step.kind) {
    case 'send':
      return void client.socket.write(values.bytes(step.text, step.at));
    case 'fin':
      client.left = 'closed';
      return void client.socket.end();
    case 'closed': {
      client.left = 'nothing';
      const bytes = await client.take((come) => come.length);
      return bytes === closedByServer ? undefined : show(bytes);
    }
    case 'bytes': {
      const expected = values.bytes(step.text, step.at);
      const bytes = await client.take(() => expected.length);
      return typeof bytes !== 'string' && bytes.equals(expected) ? undefined : show(bytes);
    }
    case 'fields': {
      const bytes = await client.take((come) => come.indexOf('\n') + 1);
      if (typeof bytes === 'string') return bytes;
      const wrong = values.differenceOfFields(step.text, bytes.toString('utf8', 0, bytes.length - 1), step.at);
      return wrong && `${show(bytes)} (${wrong})`;
    }
    case 'line': {
      const bytes = await client.take((come) => come.indexOf('\n') + 1);
      if (typeof bytes === 'string') return bytes;
      const line = form.read(bytes.subarray(0, -1));
      if (typeof line === 'string') return `${show(bytes)} (${line})`;
      // An operator's notice may come at any time, and no dialogue expects one.
      if (line.code === notice) return execute(step, client, values, form);
      if (line.code !== step.code && form.isExtra(line.code)) return execute(step, client, values, form);
      const expected = values.members(step.text, step.at);
      const wrong = line.code === step.code ? form.difference(values, expected, line) : 'the code differs';
      return wrong && `${show(bytes)} (${wrong})`;
    }
  }
}

/** Connects a client, and has its lines come in the form of the target. */
async function begin(target: Target): Promise<Client> {
  const client = new Client(target);
  const { name } = target.form;
  if (name === 'json') return client;
  client.socket.write(`{"command":"set_session","form":"${name}"}\n`);
  await client.take((bytes) => bytes.indexOf('\n') + 1);
  return client;
}

/** Replays a dialogue with new names. Fulfils with the first failure; undefined if there is none. */
export async function replay(text: string, target: Target): Promise<Failure | undefined> {
  const values = new Values();
  const clients = new Map<string, Client>();
  const executeAll = async (steps: readonly Step[]): Promise<Failure | undefined> => {
    for (const step of steps) {
      const client = clients.get(step.client) ?? (await begin(target));
      clients.set(step.client, client);
      const came = await execute(step, client, values, target.form);
      if (came !== undefined) return { at: step.at, expected: write(step), came };
    }
    return undefined;
  };
  try {
    const steps = parseDialogue(text);
    return (await executeAll(steps)) ?? (await executeAll(lastSteps(clients, steps.at(-1)?.at ?? 0)));
  } catch (error) {
    if (!(error instanceof DialogueError)) throw error;
    return { at: error.at, expected: 'a dialogue that can be replayed', came: error.message };
  } finally {
    for (const { socket } of clients.values()) socket.destroy();
  }
}

async function main(): Promise<void> {
  const options = {
    timeout: { type: 'string', default: '10' },
    form: { type: 'string', default: 'json' },
  } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const address = /^\[?(.+?)\]?:(\d+)$/;
  const [, host = '127.0.0.1', port = '7256'] = address.exec(positionals[0] ?? '') ?? [];
  const protocol = readProtocol(join(import.meta.dirname, '../../protocol'));
  const { client: problemOf } = lineChecks(protocol);
  const name = formNames.find((each) => each === values.form);
  if (name === undefined) throw new Error(`--form takes ${formNames.join(', ')}`);
  const form = name === 'json' ? jsonForm(problemOf) : otherForm(name, protocol, problemOf);
  const target = { host, port: Number(port), form, timeout: Number(values.timeout) * 1000 };
  const files = positionals.filter((argument) => !address.test(argument));
  for (const file of files.length > 0 ? files : dialogueFiles()) {
    const text = readFileSync(file, 'utf8');
    const path = relative('', file);
    if (!formsOf(text).includes(name)) {
      console.log(`not in ${name}  ${path}`);
      continue;
    }
    const failure = await replay(text, target);
    console.log(
      failure === undefined
        ? `ok      ${path}`
        : `FAILED  ${path}:${failure.at}\n  expected  ${failure.expected}\n  came      ${failure.came}`,
    );
    if (failure !== undefined) process.exitCode = 1;
  }
}

if (process.argv[1] === import.meta.filename) await main();
