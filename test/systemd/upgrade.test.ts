// Restarts the daemon while clients talk, with its socket held by a service manager: nobody is refused, every message
// is stored once, and everybody gets all messages in order. A short program plays the manager.
import t from 'tap';
import { Client, type Line } from '../support/client.js';
import { startDaemon, type LogEntry } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

/**
 * A Python program that opens a socket and runs its arguments twice, with the socket handed over as by
 * sd_listen_fds(3).
 */
const manager = `
import os, socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
for run in range(2):
    pid = os.fork()
    if pid == 0:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="plain")
        os.execvp(sys.argv[1], sys.argv[1:])
    os.waitpid(pid, 0)
`;

const talkers = 8;
const messagesPerTalker = 60;

/** A user who posts messages, connects again whenever the connection ends, and records all messages. */
class Talker {
  /** The ids and texts of all messages, in the order in which they came. */
  readonly seen: (readonly [id: number, text: string])[] = [];
  connections = 0;
  readonly #port: number;
  readonly #name: string;
  #client: Client | undefined;
  #linesRead = 0;

  constructor(port: number, name: string) {
    this.#port = port;
    this.#name = name;
  }

  async enter(): Promise<Client> {
    // A refused connection rejects here, and the test fails.
    const client = await Client.connect(this.#port);
    this.connections += 1;
    this.#client = client;
    this.#linesRead = 0;
    await client.request({
      command: 'create_user',
      username: this.#name,
      first_name: 'A',
      last_name: 'B',
      password: 'rabbit-hole',
    });
    await client.ok({ command: 'authenticate_user', username: this.#name, password: 'rabbit-hole' });
    const after = this.seen.length > 0 ? { after: this.seen.at(-1)?.[0] } : { after: 0 };
    await client.ok({ command: 'join_chatroom', username: this.#name, room: 'lobby', ...after });
    this.#record('');
    return client;
  }

  async say(text: string): Promise<void> {
    for (;;) {
      try {
        const client = this.#client ?? (await this.enter());
        const { code } = await client.say(this.#name, 'lobby', text, { key: text });
        if (code !== 1) throw new Error(`${text} was answered ${code}`);
        this.#record(text);
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'the connection ended') throw error;
        this.#record('');
        this.#client = undefined;
      }
    }
  }

  /**
   * Records the messages that have come. The reply to `text` counts as that message, unless it was stored before.
   */
  #record(text: string): void {
    for (const { code, body } of this.#client?.lines.slice(this.#linesRead) ?? ([] as Line[])) {
      if (code === 100 || code === 110) this.seen.push([Number(body['id']), String(body['message'])]);
      else if (code === 1 && body['command'] === 'chatroom_message' && body['duplicate'] !== true)
        this.seen.push([Number(body['id']), text]);
    }
    this.#linesRead = this.#client?.lines.length ?? 0;
  }

  async finish(): Promise<void> {
    const client = this.#client ?? (await this.enter());
    await client.ok('ping');
    this.#record('');
    client.destroy();
  }
}

t.test(
  'an upgrade refuses nobody, and no message is lost or stored twice',
  { skip: noPrograms('python3') },
  async (t) => {
    const daemon = startDaemon(t, { under: ['python3', '-c', manager] });
    const port = await daemon.port();
    const all = Array.from({ length: talkers }, (_, index) => new Talker(port, `talker${index}`));
    for (const talker of all) await talker.enter();
    const { pid } = await daemon.logged('ready');
    const talking = all.map(async (talker, index) => {
      for (let said = 0; said < messagesPerTalker; said += 1) {
        await talker.say(`${index}/${said}`);
        if (index === 0 && said === messagesPerTalker / 2) process.kill(Number(pid), 'SIGTERM');
      }
    });
    await Promise.all(talking);
    for (const talker of all) await talker.finish();
    const ids = Array.from({ length: talkers * messagesPerTalker }, (_, index) => index + 1);
    const [first] = all;
    for (const { seen } of all) {
      t.same(
        seen.map(([id]) => id),
        ids,
        'every message came once, in order',
      );
      t.same(seen, first?.seen, 'everybody got the same messages');
    }
    t.equal(new Set(first?.seen.map(([, text]) => text)).size, talkers * messagesPerTalker);
    t.ok(
      all.every(({ connections }) => connections >= 2),
      'everybody came back',
    );
    // The log of the second daemon may still be on its way.
    const second = (): LogEntry | undefined => daemon.log.filter(({ event }) => event === 'ready')[1];
    while (second() === undefined)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    process.kill(Number(second()?.['pid']), 'SIGTERM');
    await daemon.exited;
  },
);
