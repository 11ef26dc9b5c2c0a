// The form `text` (src/wire/text-form.ts, PROTOCOL.md §8.2): its sentences in protocol/words, and their shortness.
import t from 'tap';
import { encodeEvent } from '../../src/wire/encode-event.js';
import { encodeList, encodeRefusal, encodeSuccess } from '../../src/wire/encode.js';
import { defaultFormat, formatOf, type FormatChoice } from '../../src/wire/format.js';
import type { EventName } from '../../src/wire/line-form.js';
import { refusal } from '../../src/wire/refusal.js';
import { say, type Language } from '../../src/wire/words.js';
import type { MemberSpec } from '../../tools/protocol-files.js';
import { membersIn, neededPhrases, phrasesModule } from '../../tools/phrases.js';
import { protocol } from '../support/protocol.js';

const english = formatOf({ ...defaultFormat, form: 'text' });
const french = formatOf({ ...defaultFormat, form: 'text', language: 'fr' });

/** A line of an event, without its code. */
function event(name: EventName, members: object, format = english): string {
  return encodeEvent(name, members, format).replace(/^\d+\t|\n$/g, '');
}

function reply(command: string, results: object, format = english): string {
  return encodeSuccess(command, undefined, results, format).replace(/^1\t|\n$/g, '');
}

const time = '2026-11-22T12:00:00.000Z';
const sent = { room: 'lobby', id: 8, prev: 7, username: 'alice', message: 'hello, world', time };

t.test('messages of each kind, now and in the past', async (t) => {
  t.equal(encodeEvent('message', sent, english), '100\t12:00 lobby <alice> hello, world\n');
  for (const [kind, now, past] of [
    ['action', '12:00 lobby * alice hello, world', '2026-11-22 12:00 lobby #8 * alice hello, world'],
    ['notice', '12:00 lobby <alice> (notice) hello, world', '2026-11-22 12:00 lobby #8 <alice> (notice) hello, world'],
    ['reply', '12:00 lobby <alice> (to #3) hello, world', '2026-11-22 12:00 lobby #8 <alice> (to #3) hello, world'],
    [
      'edit',
      '12:00 lobby <alice> (edits #3) hello, world',
      '2026-11-22 12:00 lobby #8 <alice> (edits #3) hello, world',
    ],
    [
      'reaction',
      '12:00 lobby * alice reacts to #3: hello, world',
      '2026-11-22 12:00 lobby #8 * alice reacts to #3: hello, world',
    ],
  ] as const) {
    t.equal(event('message', { ...sent, kind, re: 3 }), now);
    t.equal(event('past_message', { ...sent, kind, re: 3 }), past);
  }
  const { message: _, ...silent } = sent;
  t.equal(
    event('past_message', { ...silent, deleted: true, kind: 'edit' }),
    '2026-11-22 12:00 lobby #8 <alice> (deleted)',
  );
  t.equal(event('past_message', { ...silent, username: '' }), '2026-11-22 12:00 lobby #8 <an erased user>');
  t.equal(event('past_message', { ...sent, edited: 9 }), '2026-11-22 12:00 lobby #8 <alice> hello, world (edited: #9)');
  t.equal(
    event('direct_message', { id: 1, prev: 0, from: 'bob', to: 'alice', message: 'a\tb\n', time }),
    '12:00 bob > alice: a\\tb\\n',
  );
});

t.test('a text that is cut shows it, and how long it is', async (t) => {
  const line = event('message', { ...sent, message: 'x'.repeat(4096) }, { ...english, maxLine: 512 });
  t.match(line, /^12:00 lobby <alice> x+… \(4096 bytes\)$/);
});

t.test('what is not there is not said', async (t) => {
  t.equal(
    event('topic_changed', { room: 'lobby', username: 'alice', topic: '' }),
    'lobby: alice has taken the topic away',
  );
  t.equal(
    event('topic_changed', { room: 'lobby', username: 'alice', topic: 'x' }),
    'lobby: alice has set the topic: x',
  );
  t.equal(event('read', { with: 'bob', id: 3 }), 'conversation with bob: you have read up to #3');
  t.equal(reply('list_chatrooms', { rooms: [], more: false }), 'there are no rooms');
  const rooms = [
    { name: 'lobby', count: 3, topic: 'Tea at four' },
    { name: 'tea', count: 0, topic: '' },
  ];
  t.equal(
    encodeList('list_chatrooms', undefined, {}, { name: 'rooms', items: rooms, more: true }, french),
    "1\tSuccès. Salons : lobby (3) « Tea at four » ; tea (0) ; et d'autres\n",
  );
});

t.test('values that are words of the protocol are words of the language', async (t) => {
  const left = { room: 'lobby', username: 'true', reason: 'banned' };
  t.equal(event('user_left', left), 'lobby: true was banned', 'a user may be named as a word is');
  t.equal(event('user_left', left, french), 'lobby : true a été banni');
  t.equal(
    event('role_changed', { room: 'lobby', username: 'bob', role: 'muted', by: 'the operator' }, french),
    "lobby : le rôle de bob est maintenant muet, donné par l'opérateur",
  );
  t.equal(event('notice', { text: 'true' }, french), "l'opérateur : true", 'a text stays as it is');
});

t.test('whoever has to wait reads how long, never too short', async (t) => {
  const wait = (milliseconds: number): string =>
    encodeRefusal(refusal('rate_limited', say('too_many_messages'), { retry_after: milliseconds }), english);
  t.equal(wait(1), '14\ttoo many messages (wait 1 s)\n');
  t.equal(wait(1001), '14\ttoo many messages (wait 2 s)\n');
  t.equal(wait(119_001), '14\ttoo many messages (wait 2 min)\n');
  t.equal(wait(86_400_000), '14\ttoo many messages (wait 24 h)\n');
  t.equal(
    encodeRefusal(refusal('missing_field', say('missing', { field: 'room' }), { field: 'room' }), french),
    '3\tIl manque un champ dans la requète : room\n',
  );
});

t.test('each reply in French begins with the words of the founding specification', async (t) => {
  const commands = new Set(protocol.commands.map(({ name }) => name));
  for (const [key, template] of Object.entries(protocol.words.fr.replies)) {
    if (!commands.has(key)) continue;
    const isLogin = key.startsWith('authenticate_');
    t.ok(template.startsWith(isLogin ? "Succès de l'authentification : " : 'Succès. '), `${key}: ${template}`);
  }
});

/** Members that a sentence leaves out: only programs need them, or another member says the same. */
const unsaid = ['kind', 'prev', 'ref', 'deleted', 'retry_after'];

t.test('every member that a person wants is said', async (t) => {
  for (const section of ['events', 'replies'] as const) {
    for (const [key, members] of neededPhrases(protocol)[section]) {
      if (key.includes('.deleted') || key === 'refusal') continue;
      const named = membersIn(protocol.words.en[section][key] ?? '');
      const isLive = /^(?:direct_)?message\b/.test(key) && section === 'events';
      const left = members.filter((name) => !named.includes(name) && !unsaid.includes(name) && name !== 're');
      // Whoever wants to answer a message finds its id in history.
      t.same(left, isLive ? ['id'] : [], key);
    }
  }
});

/** A value of the greatest length, which can't be cut. */
function longest({ name, type, values, of, members }: MemberSpec): unknown {
  if (values !== undefined) return values.toSorted((a, b) => b.length - a.length)[0];
  if (type === 'boolean') return true;
  if (type === 'time') return time;
  if (type === 'list') return [typeof of === 'object' ? allLongest(of) : 'x'];
  if (type === 'object') return allLongest(members ?? []);
  if (type === 'name' || type === 'author' || type === 'actor') return '𒀀'.repeat(name === 'room' ? 64 : 32);
  if (type === 'token') return 'x'.repeat(68);
  if (type === 'base64url') return 'x'.repeat(43);
  return type === 'string' ? 'é'.repeat(500) : Number.MAX_SAFE_INTEGER;
}

function allLongest(members: readonly MemberSpec[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(members.map((member) => [member.name, longest(member)]));
}

t.test('every line fits in the shortest that a session may ask for, with all that it has to say', async (t) => {
  for (const language of ['en', 'fr'] satisfies Language[]) {
    for (const ascii of [false, true]) {
      const choice: FormatChoice = { form: 'text', maxLine: 512, ascii, language };
      const format = formatOf(choice);
      const fits = (line: string, what: string): void => {
        t.ok(Buffer.byteLength(line) <= 512, `${what} in ${language}: ${Buffer.byteLength(line)}`);
        t.match(line, /^\d+\t.+\n$/, what);
      };
      for (const { name, members } of protocol.events)
        fits(encodeEvent(name as EventName, allLongest(members), format), name);
      for (const { name, results } of protocol.commands) {
        const { commands, ...others } = allLongest(results);
        // Help names all commands, or describes one.
        const all = name === 'help' ? [{ commands }, others] : [{ ...others, commands }];
        for (const each of all) fits(encodeSuccess(name, undefined, each, format), name);
      }
    }
  }
});

t.test('the generator refuses sentences that do not fit the protocol', async (t) => {
  const { en, fr } = protocol.words;
  const wrong = (more: Readonly<Record<string, string>>): void =>
    void phrasesModule({ ...protocol, words: { en, fr: { ...fr, events: { ...fr.events, ...more } } } });
  t.throws(() => wrong({ nonsense: 'rien' }), { message: /fr\.json, events: there is no nonsense/ });
  t.throws(() => wrong({ notice: '{texte}' }), { message: /notice has no member texte/ });
  t.throws(() => wrong({ notice: 'rien' }), { message: /notice names other members than in English: text/ });
  const { ping: _, ...replies } = fr.replies;
  t.throws(() => phrasesModule({ ...protocol, words: { en, fr: { ...fr, replies } } }), { message: /ping is missing/ });
  t.throws(() => phrasesModule({ ...protocol, words: { en, fr: { ...fr, values: {} } } }), { message: /value true/ });
});
