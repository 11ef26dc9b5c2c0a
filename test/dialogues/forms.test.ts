// The replayer in the forms `tsv` and `text`: what it reads, what it lets pass, and what it finds out.
import t from 'tap';
import { Values } from '../../tools/dialogue.js';
import { formsOf, otherForm } from '../../tools/replay-forms.js';
import { tsvReader } from '../../tools/tsv-line.js';
import { checks, protocol } from '../support/protocol.js';

const read = tsvReader(protocol);
const time = '2026-11-22T12:00:00.000Z';

t.test('a line of tsv is read by the columns of protocol/', async (t) => {
  t.strictSame(read(`110\tlobby\t2\t1\talice\ta\\tb\\n\\\\\\u2028"é\t${time}\t\t\t\t\t\t7`), {
    code: 110,
    members: { ref: 7, room: 'lobby', id: 2, prev: 1, username: 'alice', message: 'a\tb\n\\\u2028"é', time },
  });
  t.strictSame(read('1\tjoin_chatroom\tr\tlobby\t2\t\t0\towner\t\talice bob\t1'), {
    code: 1,
    members: {
      command: 'join_chatroom',
      ref: 'r',
      ...{
        room: 'lobby',
        count: 2,
        topic: '',
        last: 0,
        role: 'owner',
        welcome: '',
        users: ['alice', 'bob'],
        more: true,
      },
    },
  });
  t.strictSame(read('1\tlist_users\t\t[{"username":"a","role":"x\\\\ny"}]\t0'), {
    code: 1,
    members: { command: 'list_users', users: [{ username: 'a', role: 'x\ny' }], more: false },
  });
  t.strictSame(read('14\tping\t\tWait.\t\t50'), {
    code: 14,
    members: { command: 'ping', error: 'Wait.', retry_after: 50 },
  });
  t.strictSame(read('111\tlobby\t1\t\ttrimmed'), {
    code: 111,
    members: { room: 'lobby', after: 1, first: null, reason: 'trimmed' },
  });
});

t.test('a line that is none is told', async (t) => {
  const wrong: readonly (readonly [line: string, problem: RegExp])[] = [
    ['x', /no code/],
    ['101\tlobby', /1 columns in the place of 2/],
    ['101\tlobby\talice\t', /3 columns in the place of 2/],
    ['120\tlobby', /no event 120/],
    ['1\tdance\t', /no command dance/],
    ['109\tlobby\t\tx', /id is "x"/],
    ['109\tlobby\t\t01', /id is "01"/],
    ['109\tlobby\t\t', /id is ""/],
    ['190\ta\\x', /no escape "\\\\x"/],
    ['190\ta\\u12g4', /no escape/],
    ['190\ta\\', /no escape/],
    ['190\ta\u0085', /raw characters/],
    ['190\ta\u2028', /raw characters/],
    ['1\tlist_users\t\t[\t0', /users is/],
    ['1\tlist_users\t\t[]\ttrue', /more is "true"/],
  ];
  for (const [line, problem] of wrong) t.match(read(line), problem, line);
});

t.test('a dialogue of the first edition runs in tsv: what is new may come', async (t) => {
  const form = otherForm('tsv', protocol, checks.client);
  const line = form.read(Buffer.from('1\tjoin_chatroom\t7\tlobby\t1\t\t0\towner\t\talice\t'));
  if (typeof line === 'string') return t.fail(line);
  const expected = {
    command: 'join_chatroom',
    ref: '7',
    room: 'lobby',
    count: 1,
    topic: '',
    last: 0,
    users: ['alice'],
  };
  t.equal(form.difference(new Values(), expected, line), undefined);
  t.equal(form.difference(new Values(), { ...expected, role: 'owner' }, line), undefined);
  t.equal(form.difference(new Values(), { ...expected, role: 'member' }, line), 'role differs');
  t.equal(form.difference(new Values(), { ...expected, count: 2 }, line), 'count differs');
  t.ok(form.isExtra(103));
  t.notOk(form.isExtra(101));
  t.match(form.read(Buffer.from('1\tjoin_chatroom\t7\tlobby\t-1\t\t0\towner\t\talice\t')), /count is no count/);
});

t.test('in text the codes count, and that it is one line', async (t) => {
  const form = otherForm('text', protocol);
  t.strictSame(form.read(Buffer.from('100\t12:00 lobby <alice> hi')), { code: 100, members: {} });
  for (const line of ['100 hi', 'hi', '100\ta\u0007', '100\t\u2028', '0\ta']) {
    t.type(form.read(Buffer.from(line)), 'string', Buffer.from(line).toString('hex'));
  }
  t.type(form.read(Buffer.from([0x31, 0x09, 0xff])), 'string');
});

t.test('a dialogue may name the forms in which it runs', async (t) => {
  t.strictSame(formsOf('# x\n\na > ping\n'), ['json', 'tsv', 'text']);
  t.strictSame(formsOf('# x\n# forms: json, tsv – ids are sent\n'), ['json', 'tsv']);
});
