// A daemon that is stopped and started again while people talk, with its socket held by a service manager: nobody is
// refused, every message is stored once, and everybody sees all of them in order. A short program stands for the
// manager.
import t from 'tap';
import { Client, type Line } from '../support/client.js';
import { startDaemon, type LogEntry } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

/** Listens, and runs its arguments with the socket as sd_listen_fds(3) has it, twice. */
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
const each = 60;

/** One who says so many things, comes back whenever the connection ends, and remembers what came. */
class Talker {
  /** Ids and texts, in the order in which they came. */
  readonly seen: (readonly [id: number, text: string])[] = [];
  connections = 0;
  readonly #port: number;
  readonly #name: string;
  #client: Client | undefined;
  #looked = 0;

  constructor(port: number, name: string) {
    this.#port = port;
    this.#name = name;
  }

  async enter(): Promise<Client> {
    // Refused connections reject here, and the test fails.
    const client = await Client.connect(this.#port);
    this.connections += 1;
    this.#client = client;
    this.#looked = 0;
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
    this.look('');
    return client;
  }

  async say(text: string): Promise<void> {
    for (;;) {
      try {
        const client = this.#client ?? (await this.enter());
        const { code } = await client.say(this.#name, 'lobby', text, { key: text });
        if (code !== 1) throw new Error(`${text} was answered ${code}`);
        this.look(text);
        return;
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'the connection ended') throw error;
        this.look('');
        this.#client = undefined;
      }
    }
  }

  /** Takes what has come. The reply to `text` stands where the message does, unless it had been stored before. */
  look(text: string): void {
    for (const { code, body } of this.#client?.lines.slice(this.#looked) ?? ([] as Line[])) {
      if (code === 100 || code === 110) this.seen.push([Number(body['id']), String(body['message'])]);
      else if (code === 1 && body['command'] === 'chatroom_message' && body['duplicate'] !== true)
        this.seen.push([Number(body['id']), text]);
    }
    this.#looked = this.#client?.lines.length ?? 0;
  }

  async finish(): Promise<void> {
    const client = this.#client ?? (await this.enter());
    await client.ok('ping');
    this.look('');
    client.destroy();
  }
}

t.test('an upgrade refuses nobody, and nothing is lost or said twice', { skip: noPrograms('python3') }, async (t) => {
  const daemon = startDaemon(t, { under: ['python3', '-c', manager] });
  const port = await daemon.port();
  const all = Array.from({ length: talkers }, (_, index) => new Talker(port, `talker${index}`));
  for (const talker of all) await talker.enter();
  const { pid } = await daemon.logged('ready');
  const talking = all.map(async (talker, index) => {
    for (let said = 0; said < each; said += 1) {
      await talker.say(`${index}/${said}`);
      if (index === 0 && said === each / 2) process.kill(Number(pid), 'SIGTERM');
    }
  });
  await Promise.all(talking);
  for (const talker of all) await talker.finish();
  const ids = Array.from({ length: talkers * each }, (_, index) => index + 1);
  const [first] = all;
  for (const { seen } of all) {
    t.same(
      seen.map(([id]) => id),
      ids,
      'all of them, in order, once',
    );
    t.same(seen, first?.seen, 'as the others saw them');
  }
  t.equal(new Set(first?.seen.map(([, text]) => text)).size, talkers * each);
  t.ok(
    all.every(({ connections }) => connections >= 2),
    'everybody came back',
  );
  // What the second said may still be on its way.
  const second = (): LogEntry | undefined => daemon.log.filter(({ event }) => event === 'ready')[1];
  while (second() === undefined)
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  process.kill(Number(second()?.['pid']), 'SIGTERM');
  await daemon.exited;
});
