// What every store has to do with searches: which messages have the words of a query (src/store/search.ts).
import type { Test } from 'tap';
import type { Author, LogId } from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { queryOf } from '../../src/text/words.js';
import { Writer, readOf } from '../support/writer.js';
import type { Kind } from './contract-bench.js';

/** Has the index take all that there is. */
async function followed({ search }: Pick<Store, 'search'>): Promise<void> {
  while ((await search.step()).more);
}

/** Runs this part of the suite over stores of that kind. */
export async function searchContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a search finds the newest texts, in one room, and nothing that was deleted or trimmed', async (t) => {
    const store = (await kind.open(t)) as unknown as Store;
    const writer = new Writer(store);
    const alice = await writer.user('alice');
    const { id: room } = await writer.room('talk', alice.id);
    const { id: other } = await writer.room('other', alice.id);
    const find = async (match: string, from: LogId = room, span = {}, limit = 10): Promise<readonly number[]> => {
      await followed(store);
      return store.search.find(from, queryOf(match), { after: 0, before: Infinity, ...span }, limit);
    };
    const say = (
      log: LogId,
      ...said: Parameters<Writer['say']> extends [LogId, Author, ...infer Said] ? Said : never
    ) => writer.say(log, alice, ...said);
    await say(room, 'Tea at five', 'Coffee, "tea"?\n\u00bfno?');
    await say(room, { text: 'tea', kind: 'reaction', about: 1 });
    await say(other, 'Green TEA', '私は東京都に住んでいます', 'ภาษาไทย', '我爱北京');
    await say(room, 'thé et tea', 'crème brûlée', `NEAR AND OR NOT "quoted" tea* ${'x'.repeat(70)}`);
    t.same(await find('tea'), [6, 4, 2, 1]);
    t.same(await find('tea', room, {}, 2), [6, 4]);
    t.same(await find('tea', room, { after: 1, before: 6 }), [4, 2], 'both ends are left out');
    t.same(await find('COFFEE té tea'), [], 'all words');
    t.same(await find('the TEA'), [4]);
    t.same(await find('Creme BRULEE'), [5]);
    t.same(await find('NOT OR near'), [6], 'no word is an operator');
    t.same(await find('x'.repeat(70)), [6]);
    t.same([await find('"*:^-'), await find('')], [[], []]);
    t.same([await find('tea', other), await find('京都', other), await find('都', other)], [[1], [2], [2]]);
    t.same([await find('ไทย', other), await find('北京', other), await find('京', other)], [[3], [4], [4, 2]]);
    t.same(await find(Array.from({ length: 250 }, (_, at) => `w${at}`).join(' ')), [], 'any number of words');

    // An edit does not make a reaction one that is found, whether or not the index has taken the reaction before.
    const { id: reacting } = await writer.room('reacting', alice.id);
    await say(reacting, 'hm');
    await say(reacting, { text: 'jam', kind: 'reaction', about: 1 });
    await say(reacting, { text: 'honey', kind: 'edit', about: 2 });
    await say(reacting, { text: 'jelly', kind: 'reaction', about: 1 });
    t.same([await find('honey', reacting), await find('jam', reacting)], [[], []]);
    await say(reacting, { text: 'butter', kind: 'edit', about: 4 });
    t.same(await find('butter', reacting), []);
    await store.log.deleteMessage(reacting, 5, () => true);
    t.same([await find('jelly', reacting), await find('hm', reacting)], [[], [1]]);

    // An edited message is found by its newest text alone, and its edits are not.
    await say(room, { text: 'late milk', kind: 'edit', about: 1 });
    t.same([await find('five'), await find('milk')], [[], [1]]);
    await say(room, { text: 'later cream', kind: 'edit', about: 1 });
    t.same([await find('milk'), await find('later')], [[], [1]]);
    const { messages, edited } = await store.log.readEach(room, [1, 4, 99]);
    t.same(
      readOf(messages).map(({ id, text }) => [id, text]),
      [
        [1, 'Tea at five'],
        [4, 'thé et tea'],
      ],
    );
    t.same([...edited], [[1, 8]]);
    await store.log.deleteMessage(room, 8, () => true);
    t.same([await find('later'), await find('milk')], [[], [1]]);
    await store.log.deleteMessage(room, 1, () => true);
    await store.log.deleteMessage(room, 2, () => true);
    t.same([await find('milk'), await find('tea')], [[], [6, 4]]);
    await store.directory.trimMessages(room, { seconds: 0, messages: 3 }, Date.now(), 100);
    t.same(await find('tea'), [6]);
    t.same(await store.log.readEach(room, [4]), { messages: [], edited: new Map(), more: false });
    await say(room, 'fresh tea');
    t.same(await find('tea'), [9, 6]);

    const bob = await writer.user('bob');
    await writer.say(room, bob, 'bob likes tea');
    t.same(await find('tea'), [10, 9, 6]);
    await store.directory.deleteUser(bob.id, true);
    await store.erasures.eraseTexts(bob.id);
    await store.erasures.overwritten();
    t.same(await find('tea'), [9, 6]);
    const record = await store.directory.findRoom(nameForms('talk').key);
    await store.directory.changeRoom(room, { state: 'deleted' }, record?.version ?? 0);
    while (await store.directory.eraseMessages(room));
    t.same([await find('tea'), await find('tea', other)], [[], [1]]);
    t.equal(store.search.behindSince, undefined);
  });
}
