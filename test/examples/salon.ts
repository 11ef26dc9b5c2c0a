// A daemon for the tests of examples, which can be killed and comes back at the same places, with a user whose token
// the example has.
import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder, type Daemon, type Teardown } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';

/** The file of an example. */
export function example(...path: readonly string[]): string {
  return join(root, 'examples', ...path);
}

/** A new token of a user, made in a session that has asked for these settings: the token keeps them. */
export async function tokenThatKeeps(port: number, username: string, settings: object): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const login = { command: 'authenticate_user', username, password: `${username} password` };
  for (const request of [login, { command: 'set_session', ...settings }, { command: 'create_token' }])
    socket.write(`${JSON.stringify(request)}\n`);
  // The replies are in the form that the settings say.
  let text = '';
  for await (const piece of socket.end()) text += String(piece);
  const [token] = /[0-9a-f]{24}\.[\w-]{43}/.exec(text) ?? [];
  if (token === undefined) throw new Error(text);
  return token;
}

/** A daemon with a greeting and one room, which alice owns. The example's user is bot. */
export class Salon {
  readonly room = 'lobby';
  readonly #t: Teardown;
  readonly #data: string;
  #daemon: Daemon;
  token = '';

  private constructor(
    t: Teardown,
    readonly port: number,
  ) {
    this.#t = t;
    this.#data = temporaryFolder(t);
    this.#daemon = this.#start();
  }

  static async open(t: Teardown): Promise<Salon> {
    const salon = new Salon(t, await freePort());
    await salon.#daemon.port();
    const alice = await (await Client.connect(salon.port)).enter('alice', salon.room);
    const bot = await (await Client.connect(salon.port)).enter('bot');
    salon.token = String((await bot.ok('create_token')).body['token']);
    for (const each of [alice, bot]) each.destroy();
    return salon;
  }

  /** The Unix socket on which it listens too. */
  get socket(): string {
    return join(this.#data, 'chat.sock');
  }

  /** What an example gets in its environment. */
  get env(): Readonly<Record<string, string>> {
    return { PATH: process.env['PATH'] ?? '', SALON_TOKEN: this.token, LANG: 'C.UTF-8' };
  }

  #start(): Daemon {
    const args = ['--listen', `127.0.0.1:${this.port}`, '--listen', this.socket];
    return startDaemon(this.#t, { data: this.#data, args, env: { SALOND_GREETING: 'Welcome, all' } });
  }

  /** Kills the daemon, and starts another one. */
  async restart(): Promise<void> {
    await this.#daemon.stop('SIGKILL');
    this.#daemon = this.#start();
    await this.#daemon.port();
  }

  /** Somebody in the room, from its first message on. */
  async enter(username = 'alice'): Promise<Client> {
    const client = await (await Client.connect(this.port)).enter(username);
    await client.ok({ command: 'join_chatroom', username, room: this.room, after: 0 });
    return client;
  }

  /** A new token of the example's user, made in a session that has asked for these settings. */
  async tokenThatKeeps(settings: object): Promise<string> {
    return tokenThatKeeps(this.port, 'bot', settings);
  }

  /** The texts of all messages. */
  async texts(): Promise<readonly string[]> {
    const reader = await this.enter();
    reader.destroy();
    return reader.lines.filter(({ code }) => code === 110).map(({ body }) => String(body['message']));
  }
}
