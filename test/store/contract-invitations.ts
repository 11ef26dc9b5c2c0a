// The suite's part on invitations to register: they are used up by a user who is created, and by nothing else.
import type { Test } from 'tap';
import { Bench, newUser, type Kind } from './contract-bench.js';

const secret = Uint8Array.from({ length: 32 }, (_, byte) => byte);

/** Runs this part of the suite over stores of that kind. */
export async function invitationContract(t: Test, kind: Kind): Promise<void> {
  await t.test('an invitation is used up by users who are created, also over a restart', async (t) => {
    const bench = await Bench.open(t, kind);
    const { invitations, directory } = bench.store;
    const created = Date.now();
    await invitations.add({ id: 'first', hash: secret, uses: 2, created, until: undefined });
    await bench.user('Ivan');
    t.equal(await invitations.register(newUser('lvan'), secret), 'taken');
    t.equal(await invitations.register(newUser('alice'), secret.slice(1)), 'uninvited', 'another secret');
    t.same(await invitations.find(secret), { id: 'first', uses: 2, used: 0, created, until: undefined });
    const alice = await invitations.register(newUser('alice'), secret);
    t.equal((await directory.findUser('alice'))?.id, alice);
    t.match(await invitations.find(secret), { used: 1 });
    const { store } = await bench.reopened(kind);
    t.match(await store.invitations.find(secret), { used: 1 });
    const both = await Promise.all(['bob', 'carol'].map((name) => store.invitations.register(newUser(name), secret)));
    t.equal(both.filter((outcome) => outcome === 'uninvited').length, 1, 'of two at once one has the last use');
    t.equal(await store.invitations.register(newUser('dave'), secret), 'uninvited');
    t.equal(await store.directory.findUser('dave'), undefined);
    t.match(await store.invitations.list('', 10), [{ id: 'first', used: 2 }]);
  });

  await t.test('an invitation ends with its time, and when it is deleted', async (t) => {
    const bench = await Bench.open(t, kind);
    const { invitations } = bench.store;
    const created = Date.now() - 1000;
    const [ended, open, other] = [secret, secret.map((byte) => byte + 1), secret.map((byte) => byte + 2)];
    await invitations.add({ id: 'b', hash: ended, uses: 1, created, until: created + 1 });
    await invitations.add({ id: 'a', hash: open, uses: 1, created, until: created + 1e9 });
    await invitations.add({ id: 'c', hash: other, uses: 1, created, until: undefined });
    t.equal(await invitations.register(newUser('alice'), ended), 'uninvited');
    t.match(await invitations.list('', 2), [{ id: 'a', until: created + 1e9 }, { id: 'b' }]);
    t.match(await invitations.list('b', 2), [{ id: 'c', until: undefined }]);
    t.equal(await invitations.remove('a'), true);
    t.equal(await invitations.remove('a'), false);
    t.equal(await invitations.find(open), undefined);
    t.equal(await invitations.register(newUser('alice'), open), 'uninvited');
    t.type(await invitations.register(newUser('alice'), other), 'number');
  });
}
