// Private messages under random interleavings: two users with several devices send, read, block, lose their connections
// and come back. Each device follows PROTOCOL.md §9, with direct_history in place of the join. At the end all have the
// same messages, each once and in one order. A failure prints the seed; SALOND_TEST_SEED runs it again, as far as
// chance allows.
import assert from 'node:assert/strict';
import t from 'tap';
import { Random } from '../fuzz/random.js';
import { Client, type Line } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

const seed = Number(process.env['SALOND_TEST_SEED'] ?? Date.now() % 2 ** 32);
t.comment(`SALOND_TEST_SEED=${seed}`);
const random = new Random(seed);

/** Steps of each device. */
const steps = 24;

interface Sent {
  readonly key: string;
  readonly text: string;
}

/** A client of one user that keeps what it has dealt with, whatever becomes of its connections. */
class Device {
  /** What it has dealt with, in order: `ID AUTHOR TEXT`. */
  readonly seen: string[] = [];
  /** The last mark that it was told of, or set. */
  mark = 0;
  #last = 0;
  readonly #unanswered: Sent[] = [];
  #sent = 0;
  #client: Client | undefined;
  /** How many of the connection's lines were dealt with. */
  #dealt = 0;
  /** The greatest id of this connection's history: what comes after its reply has greater ones. */
  #head = 0;
  /** Whether the connection's history is complete, so that live messages have no gap. */
  #isLive = false;

  constructor(
    readonly port: number,
    readonly name: string,
    readonly user: string,
    readonly other: string,
  ) {}

  get last(): number {
    return this.#last;
  }

  async step(): Promise<void> {
    const client = this.#client;
    if (client === undefined || random.once(6)) return this.reconnect();
    const choice = random.below(10);
    if (choice < 6) return this.#send(client);
    if (choice < 8) return this.#markRead(client);
    this.#deal(await client.request({ command: 'direct_history', with: this.other, after: this.#last, limit: 3 }));
  }

  /** Loses the connection, comes back, asks for what it has missed and sends again what has no answer. */
  async reconnect(): Promise<void> {
    this.#client?.destroy();
    const client = await (await Client.connect(this.port)).enter(this.user, `room-${this.name}`);
    this.#client = client;
    [this.#dealt, this.#isLive, this.#head] = [client.lines.length, false, 0];
    await this.catchUp();
    for (const sent of [...this.#unanswered]) await this.#request(client, sent);
  }

  /** Asks until nothing is missing. */
  async catchUp(): Promise<void> {
    const client = this.#client;
    assert.ok(client !== undefined);
    for (let more = true; more; ) {
      const asked = { command: 'direct_history', with: this.other, after: this.#last, limit: 5 };
      const reply: Line = await client.request(asked);
      assert.equal(reply.code, 1, reply.raw);
      this.#deal(reply);
      more = reply.body['more'] === true || this.#last < this.#head;
    }
    this.#isLive = true;
  }

  /** Sends nothing more. */
  close(): void {
    this.#client?.destroy();
  }

  async #send(client: Client): Promise<void> {
    this.#sent += 1;
    const sent = { key: `${this.name} ${this.#sent}`, text: `${this.name} says ${this.#sent} "é"` };
    this.#unanswered.push(sent);
    // Sometimes the connection is gone before the answer comes.
    if (random.once(5)) client.send(directMessage(this.other, sent));
    else await this.#request(client, sent);
    if (random.once(3)) await this.reconnect();
  }

  async #request(client: Client, sent: Sent): Promise<void> {
    const reply = await client.request(directMessage(this.other, sent));
    assert.equal(reply.code, 1, reply.raw);
    this.#deal(reply);
  }

  async #markRead(client: Client): Promise<void> {
    const id = random.below(this.#last + 1);
    this.#deal(await client.request({ command: 'mark_direct_read', with: this.other, id, ref: id }));
  }

  /** Deals with all lines up to the reply. */
  #deal(reply: Line): void {
    const lines = this.#client?.lines ?? [];
    const end = lines.indexOf(reply, this.#dealt) + 1;
    for (const line of lines.slice(this.#dealt, end)) this.#dealWith(line);
    this.#dealt = end;
  }

  /** Deals with what came since. */
  dealWithRest(): void {
    const lines = this.#client?.lines ?? [];
    for (const line of lines.slice(this.#dealt)) this.#dealWith(line);
    this.#dealt = lines.length;
  }

  #dealWith({ code, body, raw }: Line): void {
    if (code === 104) {
      assert.ok(Number(body['id']) > this.#head, `it came before: ${raw}`);
      this.#head = Number(body['id']);
      assert.ok(!this.#isLive || body['prev'] === this.#last, `behind ${this.#last} came ${raw}`);
    }
    if (code === 104 || code === 112) this.#take(body, String(body['from']), String(body['message']));
    if (code === 109) this.mark = Number(body['id']);
    if (code >= 100) return;
    assert.equal(code, 1, raw);
    if (body['command'] === 'direct_history') this.#head = Math.max(this.#head, Number(body['last']));
    if (body['command'] === 'mark_direct_read') this.mark = Number(body['ref']);
    if (body['command'] === 'direct_message') this.#answered(body);
  }

  #answered(body: Line['body']): void {
    // Requests are answered in their order.
    const place = this.#unanswered.findIndex(({ key }) => key === body['ref']);
    const [sent] = this.#unanswered.splice(place, 1);
    assert.ok(place >= 0 && sent !== undefined);
    if (body['duplicate'] === true) return;
    this.#head = Math.max(this.#head, Number(body['id']));
    assert.ok(!this.#isLive || body['prev'] === this.#last, `behind ${this.#last} was stored ${String(body['id'])}`);
    this.#take(body, this.user, sent.text);
  }

  /** The table of PROTOCOL.md §8. */
  #take({ id, prev }: Line['body'], from: string, text: string): void {
    if (prev !== this.#last) return;
    this.#last = Number(id);
    this.seen.push(`${this.#last} ${from} ${text}`);
  }
}

function directMessage(to: string, { key, text }: Sent): object {
  return { command: 'direct_message', to, message: text, key, ref: key };
}

const env = {
  SALOND_EXEMPT_ADDRESSES: '127.0.0.1',
  SALOND_CONNECTIONS_PER_MINUTE: '100000',
  SALOND_MAX_CONNECTIONS_PER_ADDRESS: '1000',
};

t.test('each device sees every private message once, in one order, whatever becomes of its connections', async (t) => {
  const port = await hostDaemon(t, { env }).port();
  const first = await (await Client.connect(port)).enter('bob');
  const devices = ['a1', 'a2', 'a3', 'b1', 'b2'].map((name) => {
    const [user, other] = name.startsWith('a') ? ['alice', 'bob'] : ['bob', 'alice'];
    return new Device(port, name, user, other);
  });
  await (await Client.connect(port)).enter('alice');
  await Promise.all(
    devices.map(async (device) => {
      for (let step = 0; step < steps; step += 1) await device.step();
      await device.reconnect();
    }),
  );
  for (const device of devices) await device.catchUp();
  const { body } = await first.ok('list_conversations');
  const [one] = body['conversations'] as readonly [{ readonly last: number; readonly read: number }];
  for (const device of devices) {
    device.dealWithRest();
    t.equal(device.last, one.last, device.name);
    t.same(device.seen, devices[0]?.seen, device.name);
    t.equal(new Set(device.seen.map((line) => line.replace(/^\d+ /, ''))).size, one.last, 'each once');
    device.close();
  }
  first.destroy();
});

t.test('once a block is answered, nothing of the blocked user comes', async (t) => {
  const port = await hostDaemon(t, { env }).port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const bobs = await Promise.all([1, 2, 3].map(async () => (await Client.connect(port)).enter('bob')));
  await alice.ok('list_blocked');
  for (let round = 0; round < 12; round += 1) {
    const sending = bobs.map(async (bob) => {
      const codes = [];
      for (let each = 0; each < 4; each += 1) codes.push((await bob.request(`direct_message alice ${each}`)).code);
      return codes;
    });
    for (let events = random.below(5); events > 0; events -= 1) await alice.next();
    const { length } = await alice.ok('block_user bob').then(() => alice.lines);
    for (const codes of await Promise.all(sending))
      t.match(codes.join(), /^(1,)*(12,)*(1|12)$/, 'first they pass, then they do not');
    await alice.ok('ping');
    t.same(
      alice.lines.slice(length).filter(({ code }) => code === 104),
      [],
    );
    await alice.ok('unblock_user bob');
  }
  for (const client of [alice, ...bobs]) client.destroy();
});
