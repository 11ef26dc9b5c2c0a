// A client that reads at a set speed. It is a Python program, because Node.js can't read less than it is given and
// can't set the size of a receive buffer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Teardown } from './daemon.js';
import { parseLine, type Line } from './client.js';
import { noPrograms } from './programs.js';

/** Why a test with slow readers can't run here; false if it can. */
export const noSlowReader = noPrograms('python3');

/**
 * Reads at a set speed, in 20 steps per second, and writes what it read to its output. After SIGUSR1 it reads at full
 * speed.
 */
const script = `
import os, signal, socket, ssl, sys, threading, time
host, port, rate, buffer, tls = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
piece = int(sys.argv[6]) or max(1, int(rate // 20))
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
if rate == 0: fast.wait()
next = time.monotonic()
while True:
  try: data = line.recv(65536 if fast.is_set() else piece)
  except OSError: break
  if not data: break
  sys.stdout.buffer.write(data)
  sys.stdout.flush()
  next = max(next, time.monotonic() - 1) + (len(data) / rate if rate else 0)
  while not fast.is_set() and next > time.monotonic(): time.sleep(min(0.05, max(0, next - time.monotonic())))
os._exit(0)
`;

/** How fast a client reads, and how it connects. */
export interface SlowReaderOptions {
  readonly host?: string;
  /** 0 for a client that reads nothing until it hurries. */
  readonly bytesPerSecond: number;
  /** SO_RCVBUF in bytes; by default the system's. */
  readonly receiveBuffer?: number;
  /** How much it reads at a time, in bytes; by default a twentieth of a second's. */
  readonly bytesPerRead?: number;
  readonly tls?: boolean;
  /** The words that run the client, for example in a network namespace. */
  readonly under?: readonly string[];
}

/** A client that reads at a set speed, with a receive buffer of a set size. */
export class SlowReader {
  readonly lines: Line[] = [];
  bytes = 0;
  /** Whether the connection or the program has ended. */
  ended = false;
  readonly closed: Promise<void>;
  /** The text after the last LF. */
  rest = '';
  readonly #child;

  constructor(
    t: Teardown,
    port: number,
    {
      host = '127.0.0.1',
      bytesPerSecond,
      receiveBuffer = 0,
      bytesPerRead = 0,
      tls = false,
      under = [],
    }: SlowReaderOptions,
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
      String(bytesPerRead),
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

  /** Reads at full speed from now on. */
  hurry(): void {
    this.#child.kill('SIGUSR1');
  }

  get replies(): readonly Line[] {
    return this.lines.filter(({ code }) => code < 100);
  }

  /** The ids of all messages that came, live or replayed. */
  get messageIds(): readonly number[] {
    return this.lines.filter(({ code }) => code === 100 || code === 110).map(({ body }) => Number(body['id']));
  }
}
