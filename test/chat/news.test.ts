// Tests who is told what of those who come to a room and go (src/chat/news.ts): which lines, which counts, and when.
import { firstEdition, type Speaks } from '../../src/chat/speaks.js';
import { textLine } from '../support/text-line.js';
import { defaultFormat } from '../../src/wire/format.js';
import t from 'tap';
import { RoomNews, type News, type NewsReader } from '../../src/chat/news.js';

/** A member that writes down what it is told. */
class Reader implements NewsReader {
  receivesEvents = true;
  out = false;
  readonly heard: (Buffer | string)[] = [];
  /** Whose lines it is not told while it is on its way out. */
  withheld = '';

  constructor(
    public newsKnown = 0,
    edition: 1 | 2 = 1,
  ) {
    this.speaks = { ...firstEdition, edition };
  }

  readonly speaks: Speaks;

  event(line: Buffer | string, mayWait: boolean): void {
    if (!mayWait) throw new Error('news may come after what others are sent');
    this.heard.push(line);
  }

  newsToTell(news: readonly News[]): readonly News[] {
    return news.filter(({ line }) => line.encode(defaultFormat) !== this.withheld);
  }

  /** What it was told since it was asked last. */
  get told(): readonly string[] {
    return this.heard.splice(0).map(String);
  }
}

/** A room whose counts are told where `mayCount` says so. */
class Stage {
  readonly news = new RoomNews();
  mayCount = true;
  asked = 0;

  constructor(
    readonly presenceLimit: number,
    readonly members: readonly Reader[],
  ) {}

  tell(count: number): void {
    const mayCount = (): boolean => {
      this.asked += 1;
      return this.mayCount;
    };
    this.news.tell({ name: 'lobby', count, members: this.members }, { presenceLimit: this.presenceLimit, mayCount });
  }
}

const counts = (joined: number, left: number, count: number): string =>
  `107\t${JSON.stringify({ room: 'lobby', joined, left, count })}\n`;

t.test('each member is told what it does not know, from one Buffer', async (t) => {
  const members = [0, 0, 1, 2, 3, 0, 1, 2].map((known) => new Reader(known));
  const [all, alike, , , , deaf, leaving, silent] = members;
  const stage = new Stage(Infinity, members);
  const { news } = stage;
  Object.assign(deaf ?? {}, { receivesEvents: false });
  Object.assign(leaving ?? {}, { out: true });
  Object.assign(silent ?? {}, { out: true, withheld: 'c\n' });
  news.add(1, true, textLine('a\n'));
  news.add(2, true, textLine('é\n'));
  news.add(1, false, textLine('c\n'));
  t.equal(news.newest, 3);
  stage.tell(1);
  t.equal(all?.heard[0], alike?.heard[0]);
  t.same(
    members.map(({ told }) => told),
    [['a\né\nc\n'], ['a\né\nc\n'], ['é\nc\n'], ['c\n'], [], [], ['é\nc\n'], []],
  );
  stage.tell(1);
  t.ok(
    members.every(({ heard }) => heard.length === 0),
    'once',
  );
  t.equal(stage.asked, 0, 'nobody asks for counts where there is no crowd');
});

t.test('one member is told at once what it does not know, and no more of it later', async (t) => {
  const [reader, other] = [new Reader(), new Reader()];
  const stage = new Stage(Infinity, [reader, other]);
  const { news } = stage;
  news.addQuietly(7, textLine('quiet\n'));
  news.add(1, true, textLine('a\n'));
  news.tellTo(reader);
  t.same([reader.told, reader.newsKnown], [['quiet\na\n'], 2], 'in the order of their coming');
  news.tellTo(reader);
  t.same(reader.told, []);
  news.add(2, true, textLine('b\n'));
  stage.tell(3);
  t.same([reader.told, other.told], [['b\n'], ['a\nb\n']]);
  news.add(3, true, textLine('c\n'));
  reader.receivesEvents = false;
  news.tellTo(reader);
  t.same([reader.told, reader.newsKnown], [[], 2]);
  reader.receivesEvents = true;
  reader.withheld = 'c\n';
  news.tellTo(reader);
  t.same([reader.told, reader.newsKnown], [[], 4], 'no empty line');
  news.addQuietly(8, textLine('d\n'));
  news.add(1, false, textLine('e\n'));
  const handed: unknown[] = [];
  reader.newsToTell = (all) => {
    handed.push(...all.map((each) => ({ ...each, line: each.line.encode(defaultFormat) })));
    return [];
  };
  news.tellTo(reader);
  t.same(handed, [
    { at: 5, user: 8, isJoin: true, line: 'd\n' },
    { at: 6, user: 1, isJoin: false, line: 'e\n' },
  ]);
});

t.test('who came quietly is told of when it is revealed, or leaves, in its place', async (t) => {
  const reader = new Reader();
  const stage = new Stage(Infinity, [reader]);
  const { news } = stage;
  news.reveal([{ id: 1 }]);
  news.revealAll();
  news.addQuietly(1, textLine('q1\n'));
  news.addQuietly(2, textLine('q2\n'));
  news.add(9, true, textLine('nine\n'));
  news.addQuietly(3, textLine('q3\n'));
  news.addQuietly(4, textLine('q4\n'));
  stage.tell(5);
  t.same(reader.told, ['nine\n']);
  news.add(8, true, textLine('eight\n'));
  news.reveal([{ id: 77 }, { id: 3 }, { id: 9 }]);
  news.reveal([{ id: 3 }]);
  stage.tell(6);
  t.same(reader.told, ['q3\neight\n'], 'once, and before those who came later');
  news.add(2, false, textLine('q2 left\n'));
  stage.tell(5);
  t.same(reader.told, ['q2\nq2 left\n']);
  news.add(6, true, textLine('six\n'));
  news.revealAll();
  news.revealAll();
  stage.tell(6);
  t.same(reader.told, ['q1\nq4\nsix\n']);
  news.reveal([{ id: 1 }]);
  stage.tell(6);
  t.same(reader.told, []);
  news.addQuietly(5, textLine('q5\n'));
  news.revealAll();
  stage.tell(7);
  t.same(reader.told, ['q5\n'], 'it can begin again');
});

t.test('a room is a crowd above the limit, until counts tell that it is none', async (t) => {
  const [old, fresh] = [new Reader(0, 1), new Reader(0, 2)];
  const stage = new Stage(2, [old, fresh]);
  const { news } = stage;
  news.add(1, true, textLine('a\n'));
  news.add(2, true, textLine('b\n'));
  stage.tell(2);
  t.same([old.told, fresh.told, stage.asked], [['a\nb\n'], ['a\nb\n'], 0], 'as many as the limit are none');
  stage.mayCount = false;
  news.add(3, true, textLine('c\n'));
  stage.tell(3);
  t.same([old.told, fresh.told, stage.asked], [['c\n'], [], 1], 'one more makes it one');
  news.add(4, true, textLine('d\n'));
  stage.tell(4);
  news.add(4, false, textLine('e\n'));
  news.add(3, false, textLine('f\n'));
  news.add(2, false, textLine('g\n'));
  stage.tell(1);
  t.same([old.told, fresh.told], [['d\n', 'e\nf\ng\n'], []]);
  stage.mayCount = true;
  stage.tell(1);
  t.same(
    [old.told, fresh.told],
    [[], [counts(2, 3, 1)]],
    'those since the beginning of the crowd, and nothing of edition 1',
  );
  stage.asked = 0;
  stage.tell(1);
  t.same([fresh.told, stage.asked], [[], 0]);
  news.add(2, true, textLine('h\n'));
  stage.tell(2);
  t.same([old.told, fresh.told], [['h\n'], ['h\n']], 'from then on lines again');
});

t.test('counts go to those who do not know them: not to who is out, nor to who came with the last', async (t) => {
  const [known, out, deaf, reader, old] = [
    new Reader(4, 2),
    new Reader(0, 2),
    new Reader(0, 2),
    new Reader(0, 2),
    new Reader(0, 1),
  ];
  out.out = true;
  deaf.receivesEvents = false;
  const stage = new Stage(1, [known, out, deaf, reader, old]);
  const { news } = stage;
  for (const [at, line] of ['a\n', 'b\n'].entries()) news.add(at, true, textLine(line));
  stage.mayCount = false;
  stage.tell(2);
  for (const each of [known, out, deaf, reader, old]) each.heard.length = 0;
  for (const [at, line] of ['c\n', 'd\n'].entries()) news.add(at + 2, true, textLine(line));
  stage.mayCount = true;
  stage.tell(4);
  t.same(
    [known, out, deaf, reader, old].map(({ told }) => told),
    [[], [], [], [counts(4, 0, 4)], ['c\nd\n']],
  );
  t.same([reader.newsKnown, out.newsKnown], [4, 0]);
  news.add(5, true, textLine('e\n'));
  news.tellTo(reader);
  news.tellTo(old);
  t.same([reader.told, old.told], [[], ['e\n']], 'by itself only who speaks edition 1 is told');
  stage.tell(5);
  t.same([reader.told, old.told], [[counts(1, 0, 5)], []]);
});
