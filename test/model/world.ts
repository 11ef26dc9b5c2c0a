// A daemon for the property tests, and the course of one scenario: all play, it gets quiet, and then everybody's view, the
// presence, the history and what was answered have to fit together.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon, type Teardown } from '../support/daemon.js';
import { storedMessages } from '../support/stored-messages.js';
import { Chronicle, fold, type Message } from './chronicle.js';
import { Player } from './player.js';
import { roomLetters, users, type Script } from './scenario.js';
import { integer, text } from './view.js';

/** Far beyond what anything takes. */
const patience = 30_000;

export type StoredMessage = Message & { readonly id: number };
/** By folded room name, oldest first. */
export type Histories = Map<string, StoredMessage[]>;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `waited in vain until ${what}`);
    await sleep(2);
  }
}

/** A client that looks on from outside once all is said: when it has been answered, so has everybody before it. */
class Witness {
  constructor(
    readonly client: Client,
    readonly chronicle: Chronicle,
  ) {}

  async enter(room: string): Promise<void> {
    await this.client.ok({ command: 'join_chatroom', username: 'witness', room });
    const reply = await this.client.say('witness', room, 'all is said');
    const id = integer(reply, 'id');
    const said = { room: fold(room), username: 'witness', text: 'all is said', key: undefined };
    this.chronicle.utterances.push({ ...said, outcome: 'stored', id });
  }

  async present(room: string): Promise<string[]> {
    const { body } = await this.client.ok({ command: 'list_users', room });
    return (body['users'] as readonly { readonly username: string }[]).map(({ username }) => username).sort();
  }

  /** The full history, in small pages. */
  async history(room: string): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    for (let more = true; more;) {
      const lines: Line[] = [];
      this.client.send({ command: 'chatroom_history', room, after: messages.length, limit: 17 });
      do lines.push(await this.client.next());
      while ((lines.at(-1)?.code ?? 0) >= 100);
      for (const line of lines.filter(({ code }) => code === 110)) {
        const [username, said, time] = [text(line, 'username'), text(line, 'message'), text(line, 'time')];
        messages.push({ id: integer(line, 'id'), username, text: said, time });
      }
      more = lines.at(-1)?.body['more'] === true;
    }
    return messages;
  }
}

export class World {
  readonly #daemon: Daemon;
  #runs = 0;

  private constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  static async start(t: Teardown): Promise<World> {
    const daemon = startDaemon(t, { data: temporaryFolder(t), env: { SALOND_LOG_LEVEL: 'debug' } });
    const client = await Client.connect(await daemon.port());
    for (const username of users) {
      const password = `${username} password`;
      await client.ok({ command: 'create_user', username, first_name: 'A', last_name: 'B', password });
    }
    client.destroy();
    return new World(daemon);
  }

  /** How many there are, by the daemon's log. */
  get #connections(): number {
    const count = (event: string): number => this.#daemon.log.filter((entry) => entry.event === event).length;
    return count('session_opened') - count('session_closed');
  }

  /** Plays the scripts side by side in rooms of their own, and answers what those rooms hold in the end. */
  async run(scripts: readonly Script[]): Promise<Histories> {
    const [port, chronicle, number] = [await this.#daemon.port(), new Chronicle(), (this.#runs += 1)];
    await until('those before have gone', () => this.#connections === 0);
    let named = 0;
    const rooms = roomLetters.map((letter) => `#m${number}-${letter}`);
    const roomName = (room: number): string =>
      ((named += 1) % 3 === 0 ? rooms[room]?.toUpperCase() : rooms[room]) ?? '';
    const players = scripts.map((script, index) => new Player(script, port, chronicle, roomName, `p${index}`));
    try {
      await Promise.all(players.map((player) => player.play()));
      const histories = await this.#lookOn(rooms, players, chronicle);
      await Promise.all(players.map((player) => player.close('end')));
      return histories;
    } finally {
      await Promise.allSettled(players.map((player) => player.close('destroy')));
    }
  }

  async #lookOn(rooms: readonly string[], players: readonly Player[], chronicle: Chronicle): Promise<Histories> {
    // Now it gets quiet: the connections that were torn down are noticed, and the witness speaks after all others.
    await until('torn connections are closed', () => this.#connections === players.length);
    const witness = new Witness(await Client.connect(await this.#daemon.port()), chronicle);
    const histories: Histories = new Map();
    try {
      await witness.client.enter('witness');
      for (const [index, room] of rooms.entries()) {
        await witness.enter(room);
        const there = players.filter(({ requests }) => requests.standing.rooms.has(index));
        const expected = [...new Set(['witness', ...there.map(({ view }) => view.username)])].sort();
        await until('those who went have left', async () => (await witness.present(room)).join() === expected.join());
        histories.set(fold(room), await witness.history(room));
      }
      for (const player of players) for (const room of rooms.keys()) player.ask(player.requests.users(room));
      await Promise.all(players.map((player) => player.wait()));
    } finally {
      witness.client.destroy();
    }
    for (const [room, history] of histories) {
      chronicle.check(room, history);
      for (const { view } of players) {
        const last = view.rooms.get(room)?.last ?? history.length;
        assert.equal(last, history.length, 'a session did not see the last message');
      }
    }
    return histories;
  }

  /** Stops the daemon; throws unless all went well inside and the disk holds exactly the `histories`. */
  async end(histories: Histories): Promise<void> {
    assert.deepEqual(await this.#daemon.stop(), { code: 0, signal: null });
    assert.deepEqual(
      this.#daemon.log.filter(({ level }) => level !== 'info' && level !== 'debug'),
      [],
    );
    const rows = await storedMessages(join(this.#daemon.data, 'salond.db'));
    const onDisk: Histories = new Map([...histories.keys()].map((room) => [room, []]));
    for (const { room, id, username, text, time } of rows)
      onDisk.get(fold(room))?.push({ id, username, text, time: new Date(time).toISOString() });
    assert.deepEqual(onDisk, histories);
  }
}
