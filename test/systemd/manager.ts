// Plays the service manager for sd_notify(3): receives its messages on a Unix datagram socket. Python opens the socket,
// because Node.js has no such sockets. socat would keep a descriptor open that systemd-notify sends along and waits
// for.
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

/** A service manager that receives messages. */
export class Manager {
  readonly #messages: string[][] = [];
  #next = 0;
  #waiting: (() => void)[] = [];

  /** @param socket the path for NOTIFY_SOCKET */
  private constructor(readonly socket: string) {}

  /** Starts to receive on `socket`. Ends with the test. */
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
    // After each message systemd-notify sends BARRIER=1 to learn whether the message was received.
    if (message[0] !== 'BARRIER=1') this.#messages.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** How many messages have been received. */
  get count(): number {
    return this.#messages.length;
  }

  /** Waits for the next message. Returns its assignments. */
  async next(): Promise<readonly string[]> {
    for (;;) {
      const message = this.#messages[this.#next];
      if (message !== undefined) {
        this.#next += 1;
        return message;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits for the next message with that assignment. Skips the messages before it. */
  async nextWith(assignment: string): Promise<readonly string[]> {
    for (;;) {
      const message = await this.next();
      if (message.includes(assignment)) return message;
    }
  }
}
