// A client that reads slowly, as slowly as it is told: Node.js can neither read less than it is given nor choose the size of a
// receive buffer, so this one is Python.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Teardown } from './daemon.js';
import { parseLine, type Line } from './client.js';
import { noPrograms } from './programs.js';

/** Why a test with slow readers is skipped; false where it can run. */
export const noSlowReader = noPrograms('python3');

/** Reads so many bytes a second, in 20 steps, until a signal says that it may read all; hands on what it read. */
const script = `
import os, signal, socket, ssl, sys, threading, time
host, port, rate, buffer, tls = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
line = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
if buffer: line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
line.connect((host, port))
if tls: line = ssl._create_unverified_context().wrap_socket(line)
fast = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: fast.set())
def send():
  while True:
    data = sys.stdin.buffer.readline()
    if not data: return
    line.sendall(data)
threading.Thread(target=send, daemon=True).start()
next = time.monotonic()
while True:
  try: data = line.recv(65536 if fast.is_set() else max(1, int(rate // 20)))
  except OSError: break
  if not data: break
  sys.stdout.buffer.write(data)
  sys.stdout.flush()
  next = max(next, time.monotonic() - 1) + (0 if rate == 0 else len(data) / rate)
  while not fast.is_set() and next > time.monotonic(): time.sleep(min(0.05, max(0, next - time.monotonic())))
os._exit(0)
`;

/** How slowly a client reads, and over what. */
export interface SlowReaderOptions {
  readonly host?: string;
  readonly bytesPerSecond: number;
  /** SO_RCVBUF; the system's default where none is given. */
  readonly receiveBuffer?: number;
  readonly tls?: boolean;
  /** The program that runs it, in a network namespace say. */
  readonly under?: readonly string[];
}

/** A client in Python that reads so many bytes a second, with a receive buffer of a set size. */
export class SlowReader {
  readonly lines: Line[] = [];
  bytes = 0;
  /** The connection has ended, or the reader has. */
  ended = false;
  readonly closed: Promise<void>;
  /** What came after the last LF. */
  rest = '';
  readonly #child;

  constructor(
    t: Teardown,
    port: number,
    { host = '127.0.0.1', bytesPerSecond, receiveBuffer = 0, tls = false, under = [] }: SlowReaderOptions,
  ) {
    const [program, ...args] = [
      ...under,
      'python3',
      '-c',
      script,
      host,
      String(port),
      String(bytesPerSecond),
      String(receiveBuffer),
      tls ? 'tls' : '',
    ];
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    t.teardown(() => this.#child.kill('SIGKILL'));
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.bytes += Buffer.byteLength(text);
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop() ?? '';
      for (const line of lines) this.lines.push(parseLine(line));
    });
    this.closed = once(this.#child, 'close').then(() => {
      this.ended = true;
    });
  }

  send(...lines: readonly string[]): void {
    this.#child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** From now on it reads all that comes. */
  hurry(): void {
    this.#child.kill('SIGUSR1');
  }

  get replies(): readonly Line[] {
    return this.lines.filter(({ code }) => code < 100);
  }

  /** Ids of the messages that it has heard or been replayed. */
  get heard(): readonly number[] {
    return this.lines.filter(({ code }) => code === 100 || code === 110).map(({ body }) => Number(body['id']));
  }
}
