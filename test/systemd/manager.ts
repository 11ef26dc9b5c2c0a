// The service manager's end of sd_notify(3): a Unix datagram socket. Python holds it: Node.js has none, and socat would
// keep the descriptor that systemd-notify passes along, and waits for to be closed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder, type Teardown } from '../support/daemon.js';

const script = `
import json, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('[]', flush=True)
while True:
    print(json.dumps(receiver.recv(65536).decode().split(chr(10))), flush=True)
`;

export class Manager {
  readonly #messages: string[][] = [];
  #read = 0;
  #waiting: (() => void)[] = [];

  /** `socket` is what NOTIFY_SOCKET says. */
  private constructor(readonly socket: string) {}

  static async start(t: Teardown, socket = join(temporaryFolder(t), 'notify')): Promise<Manager> {
    const child = spawn('python3', ['-c', script, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const manager = new Manager(socket);
    const lines = createInterface(child.stdout);
    await once(lines, 'line');
    lines.on('line', (line) => manager.#take(JSON.parse(line) as string[]));
    return manager;
  }

  #take(message: string[]): void {
    // What systemd-notify asks after each: whether it was taken.
    if (message[0] !== 'BARRIER=1') this.#messages.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** How many messages have come. */
  get heard(): number {
    return this.#messages.length;
  }

  /** The next message, an assignment in each element. */
  async next(): Promise<readonly string[]> {
    for (;;) {
      const message = this.#messages[this.#read];
      if (message !== undefined) {
        this.#read += 1;
        return message;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The next message that has the assignment; those before it are passed over. */
  async nextWith(assignment: string): Promise<readonly string[]> {
    for (;;) {
      const message = await this.next();
      if (message.includes(assignment)) return message;
    }
  }
}
