// Followed logs: what the listener hears of them, whoever stored it, and what happens while the store is away.
import t from 'tap';
import type { Committer } from '../../src/store/committer.js';
import type { LogListener, NewMessage } from '../../src/store/log.js';
import type { MemoryData } from '../../src/store/memory/data.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { StoreAway } from '../../src/store/store.js';
import { described, frozenPost, Teller, turn } from './posts.js';

/** A committer whose commits wait until the test lets them go on. */
class Gate {
  #open: (() => void) | undefined;
  #passed: Promise<void> | undefined;

  readonly wrap = (committer: Committer): Committer => ({
    commit: async (...commit) => {
      await this.#passed;
      return committer.commit(...commit);
    },
    touch: () => committer.touch(),
    allowEarlier: () => committer.allowEarlier(),
  });

  shut(): void {
    this.#passed = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  async open(): Promise<void> {
    this.#open?.();
    this.#passed = undefined;
    await turn();
    await turn();
  }
}

/** What another process does: stores messages in the same data, and tells this one of them, or not yet. */
function storeElsewhere(data: MemoryData, log: number, ...texts: readonly string[]): ReturnType<MemoryData['pieces']> {
  const begin = data.messagesOf(log).length;
  const author = { id: 9, name: 'elsewhere' };
  for (const text of texts) data.add(log, { author, text, kind: 'text', about: 0, key: undefined, time: 5 });
  return data.pieces(log, begin, begin + texts.length);
}

function setting(gate = new Gate()): { store: MemoryStore; teller: Teller; gate: Gate } {
  const store = new MemoryStore(gate.wrap);
  const teller = new Teller();
  store.log.listen(teller);
  return { store, teller, gate };
}

const shown = ({ commits }: Teller): readonly string[] => commits.flatMap(({ stored }) => described(stored));

t.test('the head of a followed log moves before its messages are told', async (t) => {
  const { store } = setting();
  await store.log.follow(1);
  const log = await store.log.follow(2);
  const heads: number[] = [];
  const listener: LogListener<NewMessage> = {
    committed: () => void heads.push(log.head),
    failed: () => t.fail(),
    broken: () => t.fail(),
  };
  store.log.listen(listener);
  for (const text of ['a', 'b']) store.log.append(frozenPost(2, 1, text));
  t.equal(log.head, 0);
  await store.commits.drain();
  store.log.append(frozenPost(2, 1, 'c'));
  await store.commits.drain();
  t.same(heads, [2, 3]);
});

t.test('follow waits for what is on its way, and what was appended while it read', async (t) => {
  const { store, teller, gate } = setting();
  gate.shut();
  store.log.append(frozenPost(1, 1, 'a'));
  let head = -1;
  const following = store.log.follow(1).then((log) => {
    ({ head } = log);
  });
  await turn();
  await turn();
  t.equal(head, -1);
  await gate.open();
  await following;
  t.equal(head, 1);
  t.same(shown(teller), ['1:1 a'], "this process's messages are told of, though nobody followed the log");

  let appended = false;
  const again = await store.commits.follow(2, async () => {
    const before = store.data.messagesOf(2).length;
    if (!appended) store.log.append(frozenPost(2, 1, 'b'));
    appended = true;
    await turn();
    return before;
  });
  t.equal(again.head, 1, 'the head is read again');
});

t.test('messages of another writer come between own ones, in the order of their log', async (t) => {
  const { store, teller, gate } = setting();
  const log = await store.log.follow(1);
  for (const piece of storeElsewhere(store.data, 1, 'a', 'b')) store.commits.receive(piece);
  t.equal(log.head, 0, 'not within the call');
  await turn();
  t.equal(log.head, 2);
  gate.shut();
  const mine = frozenPost(1, 1, 'c');
  store.log.append(mine);
  await turn();
  const others = storeElsewhere(store.data, 1, 'x');
  // The promise of an adapter: what others stored before is handed over before the commit fulfils.
  for (const piece of others) store.commits.receive(piece);
  await gate.open();
  t.same(shown(teller), ['1:1 a', '1:2 b', '1:3 x', '1:4 c']);
  t.equal(teller.fateOf(mine), 'stored 4');
  t.equal(log.head, 4);
});

t.test('what comes too early waits, and what comes twice is told once', async (t) => {
  const { store, teller } = setting();
  await store.log.follow(1);
  const [first, second] = [storeElsewhere(store.data, 1, 'a', 'b'), storeElsewhere(store.data, 1, 'c')];
  for (const piece of second) store.commits.receive(piece);
  await turn();
  t.same(shown(teller), []);
  for (const piece of [...first, ...first, ...store.data.pieces(1, 0, 3)]) store.commits.receive(piece);
  await turn();
  t.same(shown(teller), ['1:1 a', '1:2 b', '1:3 c']);
});

t.test('of a log that nobody follows nothing of others is told', async (t) => {
  const { store, teller } = setting();
  const log = await store.log.follow(1);
  for (const piece of storeElsewhere(store.data, 2, 'a')) store.commits.receive(piece);
  store.log.unfollow(log);
  for (const piece of storeElsewhere(store.data, 1, 'b')) store.commits.receive(piece);
  await turn();
  t.same(shown(teller), []);
  t.equal((await store.log.follow(1)).head, 1);
});

t.test('no message of this process gets an earlier time than one of another writer before it', async (t) => {
  const { store, teller } = setting();
  await store.log.follow(1);
  const ahead = Date.now() + 3000;
  const author = { id: 9, name: 'elsewhere' };
  store.data.add(1, { author, text: 'a', kind: 'text', about: 0, key: undefined, time: ahead });
  for (const piece of store.data.pieces(1, 0, 1)) store.commits.receive(piece);
  store.log.append(frozenPost(1, 1, 'b'));
  await store.commits.drain();
  t.same(
    teller.commits.flatMap(({ stored }) => stored.map(({ time }) => time)),
    [ahead, ahead],
  );
});

t.test('while the store is away nothing is taken, and what is on its way waits', async (t) => {
  const { store, teller, gate } = setting();
  const told: (string | undefined)[] = [];
  store.log.listen({
    committed: (commit) => teller.committed(commit),
    failed: () => t.fail(),
    broken: () => t.fail(),
    reachable: (failure) => void told.push(failure?.message),
  });
  gate.shut();
  const mine = frozenPost(1, 1, 'a');
  t.equal(store.log.append(mine), 'taken');
  const write = store.commits.write(async () => 'written');
  await turn();
  const away = new StoreAway('the database does not answer');
  store.commits.setAway(away);
  store.commits.setAway(new StoreAway('still'));
  t.equal(store.log.append(frozenPost(1, 1, 'b')), 'away');
  await t.rejects(store.directory.setBan({ kind: 'user', target: 'u', reason: '', created: 0, until: undefined }), {
    message: 'still',
  });
  await t.rejects(store.log.probe(), { message: 'still' });
  await t.rejects(store.log.resetTime(), { message: 'still' });
  t.equal(store.log.writing.away, 'still');
  t.equal(teller.fateOf(mine), undefined);
  store.commits.setAway(undefined);
  store.commits.setAway(undefined);
  await gate.open();
  t.equal(await write, 'written');
  t.equal(teller.fateOf(mine), 'stored 1');
  t.equal(store.log.append(frozenPost(1, 1, 'b')), 'taken');
  t.same(told, ['the database does not answer', undefined], 'each change is told once');
  t.equal(store.log.writing.away, undefined);
  await store.close();
});
