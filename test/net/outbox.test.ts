// Tests the outbox with replies, events, overflows and ends in random order, over a network that takes random amounts.
// What reaches the socket is whole lines, in order and without a gap, and the last line stands by itself.
import fc from 'fast-check';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { connect, createServer } from 'node:tls';
import t from 'tap';
import { Outbox } from '../../src/net/outbox.js';
import type { FlushScheduler } from '../../src/net/flush-scheduler.js';
import { wontTimingMark } from '../../src/wire/telnet.js';
import { makeCertificate } from '../support/certificate.js';

const maxEventBytes = 300_000;
const overflowed = '199\t{"reason":"you read too slowly"}\n';
const closed = '199\t{"reason":"the server is stopping"}\n';

/** A socket over a network that takes a write at once while `open`, and else holds it until `take`. */
class FakeSocket {
  open = true;
  ended = false;
  writableLength = 0;
  readonly written: Buffer[] = [];
  #finished: (() => void) | undefined;
  #held: { readonly size: number; readonly done: (() => void) | undefined }[] = [];

  write(data: Buffer | string, done?: () => void): boolean {
    if (this.ended) throw new Error('a write after the end');
    const bytes = Buffer.from(data);
    this.written.push(bytes);
    if (this.open && this.#held.length === 0) {
      if (done !== undefined) process.nextTick(done);
    } else {
      this.writableLength += bytes.length;
      this.#held.push({ size: bytes.length, done });
    }
    return this.writableLength === 0;
  }

  end(done?: () => void): void {
    this.ended = true;
    this.#finished = done;
    this.#finish();
  }

  #finish(): void {
    if (this.ended && this.#held.length === 0) this.#finished?.();
  }

  /** The network takes the rest of the oldest write that it holds. */
  take(): void {
    const [oldest] = this.#held.splice(0, 1);
    if (oldest === undefined) return;
    this.writableLength -= oldest.size;
    oldest.done?.();
    this.#finish();
  }

  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** As a socket of the runtime has it. */
  get _handle(): { readonly writeQueueSize: number } {
    return { writeQueueSize: this.writableLength };
  }
}

/** A connection that does nothing of its own. */
const silent = { isGuest: false, onWaiting: () => undefined, onDrain: () => undefined, onOverflow: () => undefined };

/** What was handed over, as it should come out. */
class Model {
  readonly handed: Buffer[] = [];
  /** Where a line or a mark ends. */
  readonly ends = new Set([0]);
  readonly #events: { readonly from: number; readonly to: number }[] = [];
  bytes = 0;

  add(bytes: Buffer, isEvent: boolean): void {
    this.handed.push(bytes);
    if (isEvent) this.#events.push({ from: this.bytes, to: this.bytes + bytes.length });
    for (let lf = bytes.indexOf(10); lf !== -1; lf = bytes.indexOf(10, lf + 1)) this.ends.add(this.bytes + lf + 1);
    this.bytes += bytes.length;
    this.ends.add(this.bytes);
  }

  /** Bytes of events behind so many bytes. */
  eventsBehind(position: number): number {
    return this.#events.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, position)), 0);
  }
}

type Step =
  | {
      readonly do: 'reply' | 'event';
      readonly as: 'text' | 'bytes';
      readonly lines: number;
      readonly size: number;
      readonly word: string;
    }
  | { readonly do: 'mark' | 'turn' | 'take' | 'block' | 'unblock' }
  | { readonly do: 'end'; readonly drop: boolean; readonly last: boolean };

const lines = (what: 'reply' | 'event', most: number): fc.Arbitrary<Step> =>
  fc.record({
    do: fc.constant(what),
    as: fc.constantFrom('text', 'bytes'),
    lines: fc.integer({ min: 1, max: most }),
    size: fc.constantFrom(1, 7, 100, 4000, 30_000),
    word: fc.constantFrom('x', 'é', '𠀀'),
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: lines('event', 20) },
  { weight: 1, arbitrary: lines('event', 400) },
  { weight: 4, arbitrary: lines('reply', 3) },
  { weight: 1, arbitrary: lines('reply', 256) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'mark' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'turn' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'take' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'block' }, { do: 'block' }, { do: 'unblock' }) },
);
const end: fc.Arbitrary<Step> = fc.record({ do: fc.constant('end'), drop: fc.boolean(), last: fc.boolean() });

/** So many lines, each another one, of about so many bytes. */
function text({ lines: count, size, word }: Extract<Step, { readonly lines: number }>, first: number): string {
  const filling = word.repeat(Math.ceil(size / Buffer.byteLength(word)));
  // No more than the daemon itself hands over at once.
  const most = Math.min(count, Math.ceil(2_000_000 / size));
  return Array.from({ length: most }, (_, each) => `100\t${first}.${each} ${filling}\n`).join('');
}

class Trial {
  readonly socket = new FakeSocket();
  readonly model = new Model();
  readonly outbox: Outbox;
  /** What the last words are, once there are such; they may be none. */
  last: string | undefined;
  dropped = false;
  /** How often the outbox asked to be flushed at the turn's end, and said that nothing waits any more. */
  added = 0;
  drains = 0;
  #due = false;
  #count = 0;

  /** The bytes on the outbox's account, each shared buffer counted. */
  readonly account = {
    setClass: (): void => undefined,
    bytes: 0,
    add: (bytes: number): void => {
      this.account.bytes += bytes;
    },
    keep: (bytes: number): void => {
      this.account.bytes += bytes;
    },
    share: ({ length }: Buffer): void => {
      this.account.bytes += length;
    },
    unshare: ({ length }: Buffer): void => {
      this.account.bytes -= length;
    },
    close: (): void => undefined,
  };

  constructor() {
    const flushScheduler = {
      schedule: () => {
        this.#due = true;
        this.added += 1;
      },
    };
    this.outbox = new Outbox(
      this.socket as unknown as Socket,
      flushScheduler as unknown as FlushScheduler,
      maxEventBytes,
      {
        isGuest: false,
        raw: this.socket as unknown as Socket,
        onWaiting: () => undefined,
        onDrain: () => {
          this.drains += 1;
        },
        onOverflow: () => this.#end(overflowed, true),
      },
      this.account,
    );
  }

  /** Bytes that went to the socket. */
  get sent(): number {
    return this.socket.written.reduce((sum, { length }) => sum + length, 0);
  }

  do(what: Step): void {
    const over = this.outbox.overflowed;
    switch (what.do) {
      case 'reply':
      case 'event': {
        const made = text(what, this.#count);
        this.#count += 1;
        const whole = this.outbox;
        if (this.last === undefined && !over) this.model.add(Buffer.from(made), what.do === 'event');
        whole[what.do](what.as === 'text' ? made : Buffer.from(made));
        break;
      }
      case 'mark':
        if (this.last === undefined && !over) this.model.add(wontTimingMark, false);
        this.outbox.reply(wontTimingMark);
        break;
      case 'turn':
        if (this.#due) this.outbox.flush();
        this.#due = false;
        break;
      case 'take':
        this.socket.take();
        break;
      case 'block':
      case 'unblock':
        this.socket.open = what.do === 'unblock';
        break;
      case 'end':
        // As a connection does it: what was dropped is told.
        if (this.outbox.overflowed) this.#end(overflowed, true);
        else this.#end(what.last ? closed : undefined, what.drop);
    }
    this.#check(what, over);
  }

  #end(last: string | undefined, drop: boolean): void {
    if (this.last !== undefined) return;
    this.last = last ?? '';
    this.dropped ||= drop;
    this.outbox.end(last, { drop });
  }

  #check(what: Step, over: boolean): void {
    if (this.last !== undefined) return;
    const waits = this.model.bytes - this.sent;
    const events = this.model.eventsBehind(this.sent);
    const isOver = over || (what.do === 'event' && this.outbox.waiting && events > maxEventBytes);
    if (this.outbox.overflowed !== isOver)
      throw new Error(`${events} bytes of events wait, and it ${isOver ? 'is not' : 'is'} over`);
    const counted = this.outbox.waiting ? this.outbox.bytes : 0;
    if (this.account.bytes !== counted) throw new Error(`${this.account.bytes} bytes are counted, not ${counted}`);
    if (!isOver && this.outbox.bytes !== waits + this.socket.writableLength)
      throw new Error(`${waits} bytes wait, not ${this.outbox.bytes}`);
    if (isOver) this.dropped = true;
  }

  /**
   * Everything that the client gets has to be a beginning of what was handed over, up to a line's end, and the last
   * words.
   */
  judge(): void {
    const came = Buffer.concat(this.socket.written);
    const last = Buffer.from(this.last ?? '');
    const body = came.subarray(0, came.length - last.length);
    if (!came.subarray(body.length).equals(last))
      throw new Error(`it ends with ${JSON.stringify(came.subarray(-100).toString())}`);
    const all = Buffer.concat(this.model.handed);
    if (!all.subarray(0, body.length).equals(body))
      throw new Error('what came is no beginning of what was handed over');
    if (!this.model.ends.has(body.length))
      throw new Error(`the last words stand in a line: ${JSON.stringify(came.subarray(-100).toString())}`);
    if (!this.dropped && body.length !== all.length) throw new Error(`${all.length - body.length} bytes are missing`);
    if (this.account.bytes !== 0) throw new Error(`${this.account.bytes} bytes are counted when all is taken`);
    if (!this.socket.ended) throw new Error('it has not ended');
  }
}

t.test(
  'whole lines go out in order, whatever is added in whatever order, and the last line stands by itself',
  async (t) => {
    let [overflows, drops] = [0, 0];
    const steps = fc.tuple(
      fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
      end,
      fc.array(fc.oneof(step, end), { maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(steps, async ([before, ended, after]) => {
        const trial = new Trial();
        for (const each of [...before, ended, ...after]) {
          trial.do(each);
          // The socket's callbacks come in ticks of their own.
          await Promise.resolve();
        }
        while (trial.socket.holds) trial.socket.take();
        if (trial.last === overflowed) overflows += 1;
        else if (trial.dropped) drops += 1;
        trial.judge();
      }),
      { numRuns: 300 },
    );
    t.ok(overflows > 10 && drops > 10, `${overflows} overflows and ${drops} drops were among them`);
  },
);

t.test('a large batch that is shared goes out without being copied, in pieces that end where lines end', async (t) => {
  const trial = new Trial();
  const batch = Buffer.from(text({ do: 'event', as: 'bytes', lines: 200, size: 9000, word: 'x' }, 0));
  const given: Buffer[] = [];
  const { socket } = trial;
  const write = socket.write.bind(socket);
  socket.write = (data, done) => {
    given.push(data as Buffer);
    return write(data, done);
  };
  socket.open = false;
  trial.outbox.event(batch);
  trial.outbox.flush();
  while (socket.holds) {
    socket.take();
    trial.outbox.flush();
  }
  t.ok(given.length > 4, `${given.length} pieces`);
  t.ok(given.every((piece) => piece.buffer === batch.buffer && piece.at(-1) === 10));
  t.ok(Buffer.concat(given).equals(batch));
});

t.test('the lines of one turn leave in one write, and a single buffer is written without a copy', async (t) => {
  const trial = new Trial();
  const { socket, outbox } = trial;
  outbox.reply('1\t{}\n');
  outbox.event(Buffer.from('100\t{}\n'));
  outbox.flush();
  t.equal(socket.written.length, 1);
  const lone = Buffer.from('100\t{"message":"é"}\n');
  let given: unknown;
  socket.write = (data) => {
    given = data;
    return true;
  };
  outbox.event(lone);
  outbox.flush();
  t.equal(given, lone);
});

const writeBytes = 262_144;

/** Whole lines of so many bytes in all, `line` bytes each but for the last. */
function linesOf(bytes: number, line = 100): string {
  const whole = `${'x'.repeat(line - 1)}\n`.repeat(Math.floor(bytes / line));
  return bytes % line === 0 ? whole : `${whole}${'y'.repeat((bytes % line) - 1)}\n`;
}

t.test('the limit on events that wait is kept to the byte, whatever was written before', async () => {
  const sizes = fc.constantFrom(1, 99, 100, 250_000, 524_288, 524_289, 1_200_000);
  const batch = fc.tuple(fc.constantFrom<'event' | 'reply'>('event', 'event', 'reply'), sizes);
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), fc.nat(12), async (batches, takes) => {
      const { socket, outbox } = new Trial();
      const model = new Model();
      const sent = (): number => socket.written.reduce((sum, { length }) => sum + length, 0);
      // An event alone goes first, which takes another way than those that gather.
      for (const [what, size] of [['event', 100] as const, ...batches]) {
        const bytes = Buffer.from(linesOf(size));
        model.add(bytes, what === 'event');
        outbox[what](bytes);
        if (size === 100) outbox.flush();
        await Promise.resolve();
      }
      socket.open = false;
      outbox.flush();
      outbox.reply('1\t{}\n');
      for (let count = 0; count < takes; count += 1) socket.take();
      if (!outbox.waiting) return;
      const room = maxEventBytes - model.eventsBehind(sent());
      if (room < 0) return;
      if (room > 0) outbox.event(linesOf(room));
      const isOver = (): boolean => outbox.overflowed;
      if (isOver()) throw new Error(`${room} bytes had room`);
      outbox.event('\n');
      if (!isOver()) throw new Error('a byte more had room');
    }),
    { numRuns: 200 },
  );
});

t.test(
  'a write carries all that waits up to 512 KiB, and beyond it ends at the first line after 256 KiB',
  async (t) => {
    const pieces = (...batches: readonly string[]): number[] => {
      const { socket, outbox } = new Trial();
      for (const each of batches) outbox.reply(each);
      outbox.flush();
      return socket.written.map(({ length }) => length);
    };
    const small = Array.from({ length: 6000 }, () => linesOf(100));
    t.same(pieces(linesOf(writeBytes), linesOf(writeBytes)), [2 * writeBytes]);
    t.same(pieces(...small), [262_200, 337_800], 'small ones');
    t.same(pieces(linesOf(600_000)), [262_200, 337_800], 'one that is large');
    t.same(pieces(linesOf(100), linesOf(2 * writeBytes)), [2 * writeBytes + 100], 'one that is not cut behind others');
    t.same(pieces(linesOf(600_000, 600_000)), [600_000], 'one line is not cut');
    t.same(pieces(linesOf(600_000, 600_000), linesOf(100)), [600_000, 100]);
  },
);

t.test('a client that takes slowly gets small writes, until the kernel has taken everything', async (t) => {
  const { socket, outbox } = new Trial();
  socket.open = false;
  outbox.event(linesOf(100));
  outbox.flush();
  for (let count = 0; count < 3000; count += 1) outbox.event(linesOf(100));
  socket.take();
  outbox.flush();
  t.same(
    socket.written.map(({ length }) => length),
    [100, 32_800],
  );
  socket.open = true;
  socket.take();
  outbox.flush();
  const small = [...Array<number>(7).fill(32_800), 37_600];
  const sizes = (): number[] => socket.written.map(({ length }) => length);
  t.same(sizes(), [100, 32_800, ...small]);
  for (let count = 0; count < 3000; count += 1) outbox.event(linesOf(100));
  outbox.flush();
  t.equal(sizes().at(-1), 300_000, 'then all that waits goes at once');
});

t.test('it asks once a turn to be flushed, and not while the network has to take what was written', async (t) => {
  const trial = new Trial();
  const { socket, outbox } = trial;
  outbox.reply('1\t{}\n');
  outbox.event('100\t{}\n');
  t.equal(trial.added, 1);
  socket.open = false;
  outbox.flush();
  outbox.reply('1\t{}\n');
  outbox.event('100\t{}\n');
  t.equal(trial.added, 1);
  outbox.flush();
  t.equal(socket.written.length, 1, 'a flush writes nothing while the network has to take what was written');
  socket.take();
  t.equal(trial.added, 2, 'then the rest waits for the end of the turn');
  outbox.flush();
  t.equal(socket.written.length, 2);
  t.equal(trial.drains, 0, 'the next write waits');
  socket.take();
  t.equal(trial.drains, 1);
  outbox.reply('1\t{}\n');
  t.equal(trial.added, 3);
});

t.test(
  'whoever waits until all is with the network waits so long, and no longer than the connection lives',
  async (t) => {
    const { socket, outbox } = new Trial();
    const done: string[] = [];
    const wait = (name: string): void => void outbox.drained().then(() => done.push(name));
    const settled = async (): Promise<readonly string[]> => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return done;
    };
    outbox.reply('1\t{}\n');
    wait('taken at once');
    t.same(await settled(), ['taken at once']);
    t.equal(socket.written.length, 1, 'it was written without waiting for the turn');
    socket.open = false;
    outbox.reply('1\t{}\n');
    wait('taken later');
    t.same(await settled(), ['taken at once']);
    socket.take();
    t.same(await settled(), ['taken at once', 'taken later']);
    outbox.reply('1\t{}\n');
    wait('closed');
    outbox.close();
    t.same(await settled(), ['taken at once', 'taken later', 'closed']);
    wait('closed before');
    t.same(await settled(), ['taken at once', 'taken later', 'closed', 'closed before']);
  },
);

t.test('nothing is taken after an overflow or the end, and nothing is told', async (t) => {
  for (const over of [true, false]) {
    const trial = new Trial();
    const { socket, outbox } = trial;
    socket.open = false;
    outbox.event(linesOf(100));
    outbox.flush();
    outbox.event(linesOf(200));
    if (over) outbox.event(linesOf(maxEventBytes));
    else outbox.close();
    const { bytes } = outbox;
    outbox.reply('1\t{}\n');
    outbox.event('100\t{}\n');
    t.equal(outbox.bytes, bytes);
    if (over) {
      t.ok(bytes > maxEventBytes, 'nothing is dropped in the loop over a room');
      outbox.flush();
      t.same(socket.written.map(String), [linesOf(100), overflowed]);
      t.equal(outbox.bytes, 100 + overflowed.length, 'what waited is dropped');
    } else {
      t.equal(bytes, 100, 'what waited is dropped');
      socket.take();
      t.equal(trial.drains, 0);
      t.equal(socket.written.length, 1);
    }
  }
});

t.test('events that are held elsewhere count as events that wait, and overflow at the same limit', async (t) => {
  const { account, outbox } = new Trial();
  const [half, text] = [Buffer.from(linesOf(maxEventBytes / 2)), linesOf(maxEventBytes / 2)];
  outbox.hold(half);
  outbox.hold(text);
  t.equal(account.bytes, maxEventBytes);
  t.notOk(outbox.overflowed);
  outbox.hold('\n');
  t.ok(outbox.overflowed, 'although nothing waits in the socket');
  for (const each of [half, text, '\n']) outbox.unhold(each);
  t.equal(account.bytes, 0);
});

t.test('events that wait here and elsewhere count together', async (t) => {
  const { socket, outbox } = new Trial();
  socket.open = false;
  outbox.event(linesOf(100));
  outbox.flush();
  outbox.hold(linesOf(maxEventBytes - 100));
  outbox.event(linesOf(100));
  t.notOk(outbox.overflowed);
  outbox.event('\n');
  t.ok(outbox.overflowed);
});

t.test('messages that were read ahead are counted until they are sent or the account is closed', async (t) => {
  const { account, outbox } = new Trial();
  outbox.readAhead(1000);
  outbox.readAhead(400);
  t.equal(account.bytes, 400);
  outbox.readAhead(0);
  t.equal(account.bytes, 0);
});

t.test(
  "it is flushed among users, guests, or those who may wait, and a reply's own memory is no shared one",
  async (t) => {
    const scheduled: string[] = [];
    const counted: string[] = [];
    const socket = new FakeSocket();
    const events = { ...silent, raw: socket as unknown as Socket };
    const note =
      (what: string) =>
      (bytes: number | Buffer): void =>
        void counted.push(`${what} ${typeof bytes === 'number' ? bytes : bytes.length}`);
    const outbox = new Outbox(
      socket as unknown as Socket,
      { schedule: (_outbox: Outbox, among: string) => void scheduled.push(among) } as unknown as FlushScheduler,
      maxEventBytes,
      events,
      {
        add: note('add'),
        keep: note('keep'),
        share: note('share'),
        unshare: note('unshare'),
        close: () => undefined,
        setClass: () => undefined,
      },
    );
    outbox.event('100\t{}\n', true);
    outbox.event('100\t{}\n', true);
    t.same(scheduled.splice(0), ['later'], 'once');
    outbox.event('100\t{}\n');
    outbox.reply('1\t{}\n');
    outbox.event('100\t{}\n', true);
    t.same(scheduled.splice(0), ['user'], 'sooner, once');
    outbox.flush();
    events.isGuest = true;
    outbox.event('100\t{}\n', true);
    t.same(scheduled.splice(0), ['guest']);
    outbox.flush();
    events.isGuest = false;
    outbox.reply('1\t{}\n');
    t.same(scheduled.splice(0), ['user']);
    socket.open = false;
    outbox.flush();
    t.same(counted.splice(0), ['add 5']);
    outbox.reply('1\t{}\n');
    socket.take();
    t.same(scheduled.splice(0), ['later'], 'who was slow to read comes after those who were not');
    outbox.reply('1\t{}\n');
    t.same(scheduled, [], 'once');
    t.same(counted.splice(0), ['add 5', 'add -5', 'add 5']);
    outbox.flush();
    t.same(counted.splice(0), ['add -5', 'add -5', 'add 10']);
    socket.take();
    outbox.reply('1\t{}\n');
    t.same(scheduled.splice(0), ['user'], 'until it has read everything');
    outbox.flush();
    t.same(counted.splice(0), ['add -10', 'add 5']);
    outbox.reply(Buffer.from('1\t{}\n'));
    outbox.event(Buffer.from('100\t{}\n'));
    outbox.event('100\t{}\n');
    outbox.keep(9);
    t.same(counted.splice(0), ['add 5', 'share 7', 'add 7', 'keep 9']);
    outbox.hold(Buffer.from('100\t{}\n'));
    outbox.unhold(Buffer.from('100\t{}\n'));
    t.same(counted.splice(0), ['share 7', 'unshare 7']);
    outbox.close();
    t.same(counted, ['add -5', 'add -5', 'unshare 7', 'add -7']);
    t.same(scheduled, []);
  },
);

t.test('what the socket has is on the account as what it is: batches that others share, a copy, or a text', (t) => {
  // In memory of its own, as a batch is.
  const [batch, text] = [Buffer.alloc(7, '100\t{}\n'), '100\t{}\n'];
  for (const [lines, counted] of [
    [[batch], 'share 7'],
    [[text], 'add 7'],
    [[batch, batch], 'share 14'],
    [[text, batch], 'add 14'],
    [[batch, text], 'add 14'],
  ] as const) {
    const socket = new FakeSocket();
    socket.open = false;
    const notes: string[] = [];
    const note = (what: string) => (bytes: number | Buffer) =>
      void notes.push(`${what} ${typeof bytes === 'number' ? bytes : bytes.length}`);
    const account = { add: note('add'), keep: note('keep'), share: note('share'), unshare: note('unshare') };
    const outbox = new Outbox(
      socket as unknown as Socket,
      { schedule: () => undefined } as unknown as FlushScheduler,
      maxEventBytes,
      { ...silent, raw: socket as unknown as Socket },
      { ...account, close: () => undefined, setClass: () => undefined },
    );
    for (const each of lines) outbox.event(each);
    outbox.flush();
    t.same(notes.splice(0), [counted]);
    socket.take();
    t.same(notes.splice(0), [counted.replace('share', 'unshare').replace('add ', 'add -')]);
    outbox.event(text);
    outbox.flush();
    t.same(notes.splice(0), ['add 7'], 'and nothing of the write before');
    outbox.end(undefined, { drop: false });
    t.same(notes.splice(0), ['add -7', 'add 7'], 'what the socket still has');
    socket.take();
    t.same(notes, ['add -7']);
  }
  t.end();
});

t.test('whoever reads over TLS comes with those who read, though each write is told a turn later', async (t) => {
  const { certificate, key } = makeCertificate(t, 'localhost');
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const encrypted = once(server, 'secureConnection');
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
  });
  t.teardown(() => client.destroy());
  const [[raw], [socket]] = (await Promise.all([accepted, encrypted])) as [[Socket], [Socket]];
  t.teardown(() => socket.destroy());
  const scheduled: string[] = [];
  const outbox = new Outbox(
    socket,
    { schedule: (_outbox: Outbox, as: string) => void scheduled.push(as) } as unknown as FlushScheduler,
    8 * 1024 * 1024,
    { ...silent, raw },
    new Trial().account,
  );
  client.resume();
  for (let count = 0; count < 3; count += 1) {
    outbox.event('100\t{}\n');
    outbox.flush();
    t.ok(outbox.waiting, 'the runtime has not told of the write yet');
    outbox.event('100\t{}\n');
    while (scheduled.length < 2) await turn();
    t.same(scheduled.splice(0), ['user', 'user']);
    await outbox.drained();
  }
  client.pause();
  outbox.event(linesOf(6 * 1024 * 1024));
  outbox.flush();
  // All that the kernel takes without being read.
  for (let quiet = 0, sent = -1; quiet < 20; quiet += 1) {
    await sleep(10);
    if (sent !== outbox.bytes) quiet = 0;
    sent = outbox.bytes;
    outbox.flush();
  }
  t.ok(outbox.waiting);
  scheduled.length = 0;
  client.resume();
  while (scheduled.length === 0) await turn();
  t.equal(scheduled[0], 'later', 'who did not read comes after those who did');
});
