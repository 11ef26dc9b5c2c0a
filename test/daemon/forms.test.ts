// Members of rooms who read in formats of all kinds, over TCP (PROTOCOL.md §8): no line is longer than its session
// allows, all see the same messages in the same order, and texts that were cut can be fetched.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { anyFormat } from '../support/format-lines.js';
import { FormClient, type FormLine } from '../support/form-client.js';
import { hostDaemon } from '../support/in-process.js';
import { anyText } from '../support/line-values.js';
import { testSeed } from '../support/seed.js';

const scripts = ['alice', 'Éloïse', 'Жанна', '東京タワー', 'नमस्ते', 'สวัสดี', '한국어', 'Ωμέγα'];
const names = [...scripts, 'ß'.repeat(32), `${'𠀀'.repeat(31)}b`];
const rooms = ['tea', '東'.repeat(64), `${'𠀁'.repeat(62)}#+`];
const witnessName = 'witness';

/** What is known of a message from the witness, who reads everything. */
interface Known {
  readonly id: number;
  readonly username: string;
  readonly message: string;
}

class Person {
  constructor(
    readonly name: string,
    readonly client: FormClient,
  ) {}

  /** Messages, and events 113 in their places, that came in the room; its own are told by replies. */
  shownIn(room: string): FormLine[] {
    return this.client.lines.filter(({ code, members }) => {
      if (code === 113) return members['code'] === 100 && room.startsWith(String(members['room']));
      const isReply = code === 1 && members['command'] === 'chatroom_message';
      return (code === 100 || isReply) && room.startsWith(String(members['room']));
    });
  }

  /** Asks for the text piece by piece. */
  async fetch(request: object, from: string): Promise<string> {
    let text = from;
    for (;;) {
      const { members } = await this.client.request({ ...request, offset: Buffer.byteLength(text) });
      text += String(members['message']);
      if (members['more'] !== true) return text;
    }
  }
}

async function settle(people: readonly Person[]): Promise<void> {
  await Promise.all(people.map(({ client }) => client.request({ command: 'ping' })));
}

t.test('all read the same messages, each in its format, and fetch what was cut', async (t) => {
  const seed = testSeed(t);
  const port = await hostDaemon(t).port();
  const formats = fc.sample(anyFormat, { seed, numRuns: names.length });
  const texts = fc.sample(anyText, { seed, numRuns: names.length * 8 }).map((text) => shortened(text));
  const witness = new Person(witnessName, await (await FormClient.connect(port)).enter(witnessName));
  const people: Person[] = [witness];
  for (const name of names) people.push(new Person(name, await (await FormClient.connect(port)).enter(name)));
  t.teardown(() => people.forEach(({ client }) => client.socket.destroy()));
  for (const [place, { client }] of people.slice(1).entries()) {
    const format = formats[place];
    if (format !== undefined) await client.ask(format);
  }
  for (const { name, client } of people)
    for (const room of rooms) await client.request({ command: 'join_chatroom', username: name, room });
  await settle(people);
  const own = people.slice(1);
  for (const [place, message] of texts.entries()) {
    const { name, client } = own[place % own.length] ?? witness;
    client.send({ command: 'chatroom_message', username: name, room: rooms[place % rooms.length], message });
    const { name: to } = own[(place + 1) % own.length] ?? witness;
    client.send({ command: 'direct_message', to, message });
  }
  for (const place of texts.keys())
    for (let each = 0; each < 2; each += 1) t.match(await own[place % own.length]?.client.reply(), { code: 1 });
  await settle(people);

  for (const room of rooms) {
    const known = witness.shownIn(room).map(({ members }) => members as unknown as Known);
    const all = known.map(({ id }) => id);
    t.same(
      all,
      all.map((_, place) => place + 1),
      'ids are dense',
    );
    for (const person of own) {
      const { name, client } = person;
      if (client.format.form === 'text') continue;
      const shown = person.shownIn(room);
      t.same(
        shown.map(({ members }) => members['id']),
        all,
        `${name} sees all in order`,
      );
      for (const [place, { code, members }] of shown.entries()) {
        const { id, username, message } = known[place] ?? { id: 0, username: '', message: '' };
        if (code === 1) continue;
        const piece = code === 113 ? '' : String(members['message']);
        if (code === 100) t.equal(members['username'], username);
        if (code === 100 && members['cut'] === undefined) t.equal(piece, message);
        else {
          t.ok(message.startsWith(piece) && (code === 113 || members['cut'] === Buffer.byteLength(message)));
          t.equal(await person.fetch({ command: 'get_message', room, id }, piece), message);
        }
      }
    }
  }
  for (const person of own) await checkDirect(t, person, own, texts);
});

/** Checks the private messages of one person: those that came, and those that it sent. */
async function checkDirect(t: Test, person: Person, own: readonly Person[], texts: readonly string[]): Promise<void> {
  const { name, client } = person;
  if (client.format.form === 'text') return;
  const place = own.indexOf(person);
  const from = own[(place + own.length - 1) % own.length]?.name ?? '';
  const sent = texts.filter((_, at) => at % own.length === (place + own.length - 1) % own.length);
  const came = client.lines.filter(({ code, members }) => code === 104 || (code === 113 && members['code'] === 104));
  t.equal(came.length, sent.length, `${name} got all private messages`);
  for (const [at, { code, members }] of came.entries()) {
    const message = sent[at] ?? '';
    t.equal(members['id'], at + 1);
    if (code === 104) t.equal(members['from'], from);
    else t.ok(from.startsWith(String(members['with'])));
    const piece = code === 104 ? String(members['message']) : '';
    if (piece === message) continue;
    t.ok(message.startsWith(piece));
    t.equal(await person.fetch({ command: 'get_direct_message', with: from, id: at + 1 }, piece), message);
  }
}

/** A text that may be sent: of 1 to 4,096 bytes, in a request line that is not too long. */
function shortened(text: string): string {
  const characters = Array.from(text);
  const isLong = (): boolean => {
    const short = characters.join('');
    return Buffer.byteLength(short) > 4096 || Buffer.byteLength(JSON.stringify(short)) > 12_000;
  };
  while (isLong()) characters.splice(-100);
  return characters.length === 0 ? '.' : characters.join('');
}
