// The course of one scenario on a stage: all play, it gets quiet, and then everybody's view, the presence, the history
// and what was answered have to fit together.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Line } from '../support/client.js';
import { Chronicle, fold } from './chronicle.js';
import { stranger } from './foreign-writer.js';
import { Player } from './player.js';
import { roomLetters, users, type Script } from './scenario.js';
import type { Histories, Host, Stage, StoredMessage } from './stage.js';
import { integer, text } from './view.js';

/** Far beyond what anything takes, in milliseconds. */
const patience = 30_000;

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
    readonly host: Host,
    readonly client: Client,
    readonly chronicle: Chronicle,
    /** Makes what it says its own. */
    readonly mark: string,
  ) {}

  async enter(room: string): Promise<void> {
    await this.client.ok({ command: 'join_chatroom', username: 'witness', room });
    const said = { room: fold(room), username: 'witness', text: `all is said ${this.mark}`, key: undefined };
    const reply = await this.client.say('witness', room, said.text);
    assert.equal(reply.code, 1, reply.raw);
    this.chronicle.utterances.push({ ...said, outcome: 'stored', id: integer(reply, 'id') });
  }

  async present(room: string): Promise<string[]> {
    const { body } = await this.client.ok({ command: 'list_users', room });
    return (body['users'] as readonly { readonly username: string }[]).map(({ username }) => username).sort();
  }

  /** The full history, in small pages. */
  async history(room: string): Promise<StoredMessage[]> {
    const messages: StoredMessage[] = [];
    for (let more = true; more; ) {
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

/** Plays scenarios on a stage and checks each as a whole. */
export class World {
  readonly #stage: Stage;
  #runs = 0;
  /** How many requests were answered 16 in all scenarios. */
  busyAnswers = 0;

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Creates the users that the scenarios need. */
  static async start(stage: Stage): Promise<World> {
    const client = await Client.connect(stage.hosts[0].port);
    for (const username of [...users, stranger, 'witness']) {
      const password = `${username} password`;
      await client.ok({ command: 'create_user', username, first_name: 'A', last_name: 'B', password });
    }
    client.destroy();
    return new World(stage);
  }

  /** Plays the scripts side by side in rooms of their own, and answers what those rooms hold in the end. */
  async run(scripts: readonly Script[]): Promise<Histories> {
    const { hosts, conditions } = this.#stage;
    const [chronicle, number] = [new Chronicle(conditions), (this.#runs += 1)];
    await until('those before have gone', () => hosts.every((host) => host.connections() === 0));
    let named = 0;
    const rooms = roomLetters.map((letter) => `#m${number}-${letter}`);
    const roomName = (room: number): string =>
      ((named += 1) % 3 === 0 ? rooms[room]?.toUpperCase() : rooms[room]) ?? '';
    const players = scripts.map((script, index) => {
      const { port } = hosts[index % hosts.length] ?? hosts[0];
      return new Player(script, port, chronicle, roomName, `p${index}`);
    });
    const endDisturbance = this.#stage.disturb(rooms, chronicle);
    try {
      try {
        await Promise.all(players.map((player) => player.play()));
      } finally {
        await endDisturbance();
      }
      const histories = await this.#lookOn(rooms, players, chronicle);
      await Promise.all(players.map((player) => player.close('end')));
      this.busyAnswers += chronicle.busyAnswers;
      return histories;
    } finally {
      await Promise.allSettled(players.map((player) => player.close('destroy')));
    }
  }

  async #lookOn(rooms: readonly string[], players: readonly Player[], chronicle: Chronicle): Promise<Histories> {
    const { hosts } = this.#stage;
    const playersOf = ({ port }: Host): readonly Player[] => players.filter((player) => player.port === port);
    // Now it gets quiet: the connections that were torn down are noticed, and the witnesses speak after all others.
    await until('torn connections are closed', () =>
      hosts.every((host) => host.connections() === playersOf(host).length),
    );
    const witnesses: Witness[] = [];
    const histories: Histories = new Map();
    try {
      for (const [index, host] of hosts.entries()) {
        const client = await Client.connect(host.port);
        witnesses.push(new Witness(host, client, chronicle, `${index}`));
        await client.ok({ command: 'authenticate_user', username: 'witness', password: 'witness password' });
      }
      for (const room of rooms) for (const witness of witnesses) await witness.enter(room);
      for (const [index, room] of rooms.entries()) {
        for (const witness of witnesses) await this.#checkPresence(witness, playersOf(witness.host), room, index);
        histories.set(fold(room), await sameHistory(witnesses, room));
      }
      for (const player of players) for (const room of rooms.keys()) player.ask(player.requests.users(room));
      await Promise.all(players.map((player) => player.wait()));
      for (const [room, history] of histories) {
        chronicle.check(room, history);
        await until('every session has seen the last message', () =>
          players.every(({ view }) => (view.rooms.get(room)?.last ?? history.length) === history.length),
        );
      }
      // What is wrong in what came since.
      await Promise.all(players.map((player) => player.wait()));
    } finally {
      for (const { client } of witnesses) client.destroy();
    }
    return histories;
  }

  async #checkPresence(witness: Witness, players: readonly Player[], room: string, index: number): Promise<void> {
    const there = players.filter(({ requests }) => requests.standing.rooms.has(index));
    const expected = [...new Set(['witness', ...there.map(({ view }) => view.username)])].sort();
    await until('those who went have left', async () => (await witness.present(room)).join() === expected.join());
  }

  /** Stops the stage; throws unless all went well inside and exactly the `histories` are stored. */
  async end(histories: Histories): Promise<void> {
    assert.deepEqual(await this.#stage.end(histories.keys()), histories);
  }
}

/** The room's history, as soon as all witnesses read the same: what one has said reaches the other's daemon later. */
async function sameHistory(witnesses: readonly Witness[], room: string): Promise<StoredMessage[]> {
  const said = Math.max(...witnesses.map(({ mark }) => Number(mark)));
  let histories: readonly StoredMessage[][] = [];
  await until(`all read what was said last in ${room}`, async () => {
    histories = await Promise.all(witnesses.map((witness) => witness.history(room)));
    return histories.every((history) => history.at(-1)?.text === `all is said ${said}`);
  });
  const [first = [], ...others] = histories;
  for (const other of others) assert.deepEqual(other, first);
  return first;
}
