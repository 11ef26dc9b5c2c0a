// What a sentence about a wrong line shows of it (PROTOCOL.md §2.2): enough to see the mistake, and never a secret.
import fc from 'fast-check';
import t from 'tap';
import { encodeRefusal } from '../../src/wire/encode.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { takesSecret } from '../../src/wire/mistakes.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { inEnglish } from '../support/sentences.js';

const specs: readonly CommandSpec[] = Object.values(commandSpecs);

/** What is said of a line, if it is refused. */
function said(line: string): string | undefined {
  const parsed = parseRequest(line, 'alice');
  return isRequest(parsed) ? undefined : inEnglish(parsed.error);
}

t.test('what takes a password, a token, a proof or an invitation is secret, and little else', async (t) => {
  // A whole token may be typed in the place of its id.
  // So may a whole line in that of what help is asked about.
  const named = ['password', 'new_password', 'token', 'token_id', 'proof', 'invitation', 'about'];
  for (const spec of specs) {
    const takes = spec.parameters.some(({ name }) => named.includes(name));
    t.equal(takesSecret(spec), takes || spec.secret === true, spec.name);
  }
});

t.test('of a secret command no value is shown, whatever is wrong', async () => {
  const secrets = specs.filter(takesSecret);
  const marker = 'hunter2-hunter2';
  const values = fc.array(fc.constantFrom(marker, `"${marker}"`, `"${marker}`, ' ', '0', 'a', 'b.c'), { maxLength: 6 });
  const names = fc.constantFrom(...secrets).chain(({ name, short = name }) => fc.constantFrom(name, short));
  fc.assert(
    fc.property(names, values, (name, list) => {
      if (said([name, ...list].join(' '))?.includes('hunter2') === true) throw new Error(`${name} shows it`);
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.constantFrom(...secrets), fc.nat({ max: 7 }), fc.nat({ max: 7 }), (spec, wrong, missing) => {
      const members = spec.parameters.map(({ name }, index) => [name, index === wrong ? [marker] : marker]);
      members.splice(missing, 1);
      const line = JSON.stringify({ command: spec.name, ...Object.fromEntries(members), ref: [marker] });
      if (said(line)?.includes('hunter2') === true) throw new Error(`${spec.name} shows it`);
    }),
    { numRuns: 2000 },
  );
});

t.test('of what names no command only the first word is shown, whatever blank ends it', async (t) => {
  for (const blank of ['\t', '\u00a0', '\u2003', '\v', '\u3000']) {
    const line = `login${blank}alice${blank}rabbit-hole`;
    for (const each of [line, JSON.stringify({ command: line }), `help ${line}`]) {
      const error = said(each);
      if (error === undefined) continue;
      if (!each.startsWith('help')) t.match(error, /"login.+…" \(did you mean (?:login|authenticate_user)\?\)/, each);
      t.notMatch(error, 'rabbit', each);
    }
  }
  t.notMatch(said('{"command":"login alice rabbit-hole"}'), 'rabbit');
});

t.test('in the plain form the usage stands there by the name that was typed, and what was read', async (t) => {
  t.match(said('leave'), /^room is missing; usage: leave ROOM$/);
  t.match(said('LEAVE  lob  by '), /; usage: leave ROOM; read: "lob {2}by "$/);
  t.match(said('leave_chatroom bob'), /^room is missing; usage: leave_chatroom USERNAME ROOM; read: "bob"$/);
  t.match(said('kick lobby'), /^user is missing; usage: kick ROOM USER \[REASON\.\.\.\]; read: "lobby"$/);
  t.match(said('register alice "Alice'), /; usage: register USERNAME FIRST_NAME LAST_NAME PASSWORD\.\.\.$/);
  t.match(said('kick "lobby'), /; usage: kick ROOM USER \[REASON\.\.\.\]; read: ""lobby"$/);
  t.match(said('bye now'), /^nothing may follow bye on its line; usage: bye; read: "now"$/);
});

t.test('in JSON the value of the wrong field stands there', async (t) => {
  const line = (room: unknown): string => JSON.stringify({ command: 'list_users', room });
  t.match(said(line('lob by')), /; read: "lob by"$/);
  t.match(said(line('')), /; read: ""$/);
  t.match(said(line(7)), /; read: 7$/);
  t.match(said(line({ a: ['\u200b'] })), /; read: \{"a":\["\\u200b"\]\}$/);
  t.match(said('{"command":"list_users","room":"a","limit":1.00000000000000000001}'), /to 1,000; 100 when not given$/);
  t.match(said('{"command":"list_users"}'), /^room is missing$/);
  t.match(said('{"command":"ping","ref":1.5}'), /^ref must be .*; read: 1\.5$/);
});

t.test('characters that nobody can see are made visible, and other spaces are told apart', async (t) => {
  for (const [character, shown] of [
    ['\u00a0', '\\u00a0'],
    ['\u3000', '\\u3000'],
    ['\u200b', '\\u200b'],
    ['\u202e', '\\u202e'],
    ['\u001b', '\\u001b'],
    ['\t', '\\u0009'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['é', 'é'],
  ] as const) {
    t.equal(said(`leave a${character}!`)?.endsWith(`read: "a${shown}!"`), true, shown);
    const rest = /\s/u.test(character) ? '…' : 'yz';
    t.equal(said(`x${character}yz`)?.startsWith(`there is no command "x${shown}${rest}"`), true, shown);
  }
});

t.test('a hundred characters are shown at most, and no sentence is long', async (t) => {
  t.match(said(`leave ${'🎈'.repeat(100)}`), /read: "(?:🎈){100}"$/);
  t.match(said(`leave ${'🎈'.repeat(101)}`), /read: "(?:🎈){100}…"$/);
  t.match(said('x'.repeat(101)), /^there is no command "x{100}…"; help lists all commands$/);
  fc.assert(
    fc.property(
      fc.constantFrom(...specs.map(({ name }) => name), 'nothing'),
      fc.constantFrom('\u{e0041}', '"', '\\', 'x', '\u0000', '\u2028'),
      fc.boolean(),
      (name, character, inJson) => {
        const many = character.repeat(2000);
        const members = ['room', 'username', 'user', 'with', 'to', 'about', 'match', 'id', 'ref', 'session'];
        const line = inJson
          ? JSON.stringify({ command: name, ...Object.fromEntries(members.map((each) => [each, many])) })
          : `${name} ${many} ${many}`;
        const parsed = parseRequest(line, 'alice');
        if (!isRequest(parsed) && encodeRefusal(parsed).length > 3000) throw new Error(`${name}: too long`);
      },
    ),
  );
});
