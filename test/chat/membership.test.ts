// Tests memberships where several things happen at once: whoever is being removed is let in by nobody meanwhile, and
// thousands of changes share a few steps of a commit.
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Memberships } from '../../src/chat/membership.js';
import { TurnEnd } from '../../src/loop/turn-end.js';
import { MembershipWriter } from '../../src/store/membership-writer.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { StoreBusy, StoreFailure } from '../../src/store/store.js';
import type { MembershipChange } from '../../src/store/membership.js';
import type { Payer } from '../../src/turns/payer.js';
import { TurnClock } from '../support/turn-clock.js';

const alice = { id: 1, key: 'alice' };
const payerAt = (payerAddress: string): Payer => ({ payerClass: 'user', payerAddress, payerUser: 'alice' });
const payer = payerAt('192.0.2.1');
const change = (user: number): MembershipChange => ({ room: 1, user, key: `u${user}`, kind: 'end' });

t.test('whoever asks while a membership is being ended learns that it has ended', async (t) => {
  const memberships = new Memberships(new MemoryStore().memberships);
  await memberships.join(1, alice, 0, Infinity, payer);
  t.equal(await memberships.isMember(1, alice), true);
  const ended = memberships.end(1, alice, payer);
  const asked = memberships.isMember(1, alice);
  t.equal(await asked, false);
  t.equal(await ended, true);
  t.equal(await memberships.end(1, alice, payer), false);
  const both = [memberships.end(1, alice, payer), memberships.join(1, alice, 0, Infinity, payer)] as const;
  await Promise.all(both);
  t.equal(await memberships.isMember(1, alice), true, 'a join after the end holds');
});

t.test('a membership that could not be ended is there, and asks no longer', async (t) => {
  let fails = false;
  const store = new MemoryStore((committer) => ({
    commit: (...batch) => (fails ? Promise.reject(new StoreFailure('the disk is full')) : committer.commit(...batch)),
    touch: () => committer.touch(),
    allowEarlier: () => committer.allowEarlier(),
  }));
  store.log.listen({ committed: () => undefined, failed: () => undefined, broken: () => undefined });
  const memberships = new Memberships(store.memberships);
  await memberships.join(1, alice, 0, Infinity, payer);
  fails = true;
  await t.rejects(memberships.end(1, alice, payer));
  fails = false;
  t.equal(await memberships.isMember(1, alice), true);
});

/** A queue of a commit's steps that a test carries out. */
class Steps {
  readonly waiting: {
    readonly work: () => Promise<unknown>;
    readonly payer: Payer | undefined;
    readonly done: (error?: Error) => Promise<void>;
  }[] = [];

  readonly write = <Outcome>(work: () => Promise<Outcome>, by?: Payer): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      this.waiting.push({
        work,
        payer: by,
        done: async (error) => (error === undefined ? resolve(await work()) : reject(error)),
      });
    });
}

t.test('changes that are asked for together share steps of 256', async (t) => {
  const steps = new Steps();
  const applied: number[] = [];
  const writer = new MembershipWriter(steps, async (changes) => {
    applied.push(changes.length);
    return changes.map(({ user }) => (user % 2 === 0 ? 'changed' : 'none'));
  });
  const outcomes = Promise.all(Array.from({ length: 600 }, (_, user) => writer.change(change(user), payer)));
  t.equal(steps.waiting.length, 1);
  // A step that is undone is carried out again with the same changes.
  await steps.waiting[0]?.work();
  for (let step = 0; step < steps.waiting.length; step += 1) await steps.waiting[step]?.done();
  t.same(applied, [256, 256, 256, 88]);
  t.same((await outcomes).slice(0, 3), ['changed', 'none', 'changed']);
  const late = writer.change(change(2), payer);
  await steps.waiting.at(-1)?.done();
  t.equal(await late, 'changed');
});

t.test('where too much of an address waits, the changes of others go on', async (t) => {
  const steps = new Steps();
  const writer = new MembershipWriter(steps, async (changes) => changes.map(() => 'changed'));
  const [heavy, other] = [writer.change(change(1), payer), writer.change(change(2), payerAt('192.0.2.2'))];
  void steps.waiting[0]?.done(new StoreBusy(1));
  await t.rejects(heavy, { message: 'too many changes wait for the disk' });
  t.equal(steps.waiting[1]?.payer?.payerAddress, '192.0.2.2');
  await steps.waiting[1]?.done();
  t.equal(await other, 'changed');
});

t.test('of thousands whose changes one commit has, few go on in a turn, and in their order', async (t) => {
  const clock = new TurnClock();
  const memberships = new Memberships(new MemoryStore().memberships, new TurnEnd(clock));
  const users = Array.from({ length: 200 }, (_, at) => ({ id: at + 1, key: `u${at}` }));
  const done: number[] = [];
  const all = users.map(async (user) => {
    await memberships.join(1, user, 0, Infinity, payer);
    done.push(user.id);
    clock.pass(0.1);
  });
  const left = users.map(async (user) => {
    await all[user.id - 1];
    t.equal(await memberships.end(1, user, payer), true);
  });
  for (let most = 0, turns = 0; done.length < 200; turns += 1) {
    if (turns > 1000) throw new Error('they do not go on');
    const before = done.length;
    await clock.endTurn();
    await turn();
    most = Math.max(most, done.length - before);
    if (most > 70) t.fail(`${most} in a turn`);
  }
  t.same(
    done,
    users.map(({ id }) => id),
  );
  for (let rest = Promise.all(left).then(() => true), isDone = false; !isDone; ) {
    await clock.endTurn();
    isDone = await Promise.race([rest, turn(false)]);
  }
});
