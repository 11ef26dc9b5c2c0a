// Reads that pass over what stands on damaged pages (src/store/sqlite/readable-runs.ts).
import fc from 'fast-check';
import t from 'tap';
import { DatabaseError } from '../../src/store/sqlite/database.js';
import { withoutDamage } from '../../src/store/sqlite/readable-runs.js';

t.test('whatever stands on a damaged page is left out and told, and all beside it is read', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (damaged) => {
      const asked = damaged.map((_, place) => place);
      const read = async (some: readonly number[]): Promise<readonly string[]> => {
        if (some.some((place) => damaged[place])) throw new DatabaseError('SQLITE_CORRUPT', 'a malformed page');
        return some.map((place) => `row ${place}`);
      };
      const { found, unreadable } = await withoutDamage(asked, read);
      t.same(
        found,
        asked.filter((place) => !damaged[place]).map((place) => `row ${place}`),
      );
      t.same(
        unreadable,
        asked.filter((place) => damaged[place]),
      );
    }),
  );
  t.pass();
});

t.test('any other error is handed on, after one read', async (t) => {
  let reads = 0;
  const error = new DatabaseError('SQLITE_IOERR', 'the disk');
  const read = async (): Promise<readonly string[]> => {
    reads += 1;
    throw error;
  };
  await t.rejects(withoutDamage([1, 2, 3, 4], read), error);
  t.equal(reads, 1);
});
