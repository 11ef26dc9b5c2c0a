// Reads a password: the first line of standard input or, at a terminal, a line that is typed twice without echo. Splits
// lines itself, by bytes, because readline ends a line at U+2028 in some versions of Node.js, and replaces bytes that
// are not UTF-8 by U+FFFD.
import { isUtf8 } from 'node:buffer';
import { limits } from '../wire/generated/limits.js';
import { HiddenLine, type LineEnd } from './hidden-line.js';
import { UsageError } from './errors.js';
import type { Input } from './streams.js';

/** The fields that a password can be: a user's, or a room's. */
export type PasswordField = 'password' | 'room_password';

/** The most bytes of a line that are read. A longer line can't be a password. */
const mostRead = 2 * limits.fields.password.max;

/** Signals that end the process. The terminal's mode is restored first. */
const deadly = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

const bom = Buffer.from('\ufeff');
const [lf, cr] = [0x0a, 0x0d];

/**
 * Reads a new password: a user's of 8 to 1,024 bytes, or a room's of 1 to 64 characters. A byte order mark before it
 * and a CR after it are not part of it. Ctrl-C at a terminal ends the process with status 130. Rejects with UsageError
 * if there is no password, or one that can't be set.
 */
export async function readPassword(stdin: Input, field: PasswordField): Promise<string> {
  return stdin.isTTY === true ? askTwice(field) : passwordOf(await firstLine(stdin), field);
}

/**
 * Reads the bytes before the first LF, or all bytes if there is none. Removes a byte order mark and a CR. Stops reading
 * when the line is too long for a password. Rejects with UsageError if nothing came.
 */
export async function firstLine(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  for await (const chunk of input) {
    const end = chunk.indexOf(lf);
    ended = end !== -1;
    chunks.push(ended ? chunk.subarray(0, end) : chunk);
    size += chunks.at(-1)?.length ?? 0;
    if (ended || size > mostRead) break;
  }
  if (!ended && size === 0) throw new UsageError('the password has to come on standard input, and nothing came');
  const line = Buffer.concat(chunks);
  const start = line.subarray(0, bom.length).equals(bom) ? bom.length : 0;
  return line.subarray(start, line.at(-1) === cr ? -1 : undefined);
}

/** Converts bytes to a password that can be set. Throws UsageError, whose message has no part of the password. */
export function passwordOf(bytes: Uint8Array, field: PasswordField = 'password'): string {
  const { unit, max } = limits.fields[field];
  // No text takes the password of a room away: `--without-password` does.
  const min = Math.max(1, limits.fields[field].min);
  if (bytes.length === 0) throw new UsageError(`the password is empty: it needs ${counted(min, unit)} at least`);
  if (!isUtf8(bytes)) {
    throw new UsageError('the password is not UTF-8, but Latin-1 or UTF-16 perhaps: send it in UTF-8');
  }
  const password = Buffer.from(bytes).toString('utf8');
  const length = unit === 'bytes' ? bytes.length : [...password].length;
  if (length < min) {
    throw new UsageError(`the password is too short: it has ${counted(length, unit)}, and needs ${min} at least`);
  }
  if (length > max) {
    throw new UsageError(`the password is too long: it may have ${counted(max, unit)} at most`);
  }
  return password;
}

function counted(count: number, unit: 'bytes' | 'characters'): string {
  return `${count.toLocaleString('en')} ${count === 1 ? unit.slice(0, -1) : unit}`;
}

async function askTwice(field: PasswordField): Promise<string> {
  const terminal = new Terminal();
  try {
    const password = passwordOf(await terminal.ask('Password: '), field);
    const again = Buffer.from(await terminal.ask('The same password again: ')).toString('utf8');
    if (again !== password) throw new UsageError('the two passwords differ: nothing was changed');
    return password;
  } finally {
    terminal.close();
  }
}

/** Standard input in raw mode, until `close`. Bytes that are typed early count for the next prompt. */
class Terminal {
  #typed: number[] = [];
  #gone = false;
  #wake: () => void = () => undefined;
  readonly #take = (chunk: Uint8Array): void => {
    this.#typed.push(...chunk);
    this.#wake();
  };
  readonly #end = (): void => {
    this.#gone = true;
    this.#wake();
  };

  readonly #die = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };

  constructor() {
    for (const signal of deadly) process.on(signal, this.#die);
    process.stdin.setRawMode(true).on('data', this.#take).on('end', this.#end).on('error', this.#end).resume();
  }

  /** Shows a prompt and fulfils with the line that is typed. Rejects with UsageError if there is none. */
  async ask(prompt: string): Promise<Uint8Array> {
    process.stderr.write(prompt);
    const line = new HiddenLine();
    const end = await this.#line(line);
    process.stderr.write('\n');
    if (end === 'interrupted') this.#interrupt();
    if (end === 'control') {
      throw new UsageError(
        'a key was no character: a password with control characters has to come from a file or a pipe',
      );
    }
    if (end === 'ended') throw new UsageError('no password was given');
    return line.bytes;
  }

  async #line(line: HiddenLine): Promise<LineEnd> {
    for (;;) {
      for (let byte = this.#typed.shift(); byte !== undefined; byte = this.#typed.shift()) {
        const end = line.push(byte);
        if (end !== undefined) return end;
      }
      if (this.#gone) return 'ended';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the process as Ctrl-C does outside raw mode. */
  #interrupt(): never {
    this.close();
    process.exit(130);
  }

  /** Leaves raw mode and stops reading. */
  close(): void {
    for (const signal of deadly) process.off(signal, this.#die);
    process.stdin.off('data', this.#take).off('end', this.#end).off('error', this.#end).setRawMode(false).pause();
  }
}
