// Runs that are written anew in a commit with what others write.
import t from 'tap';
import { Database, DatabaseError, type Statement } from '../../src/store/sqlite/database.js';
import { RunRewriter } from '../../src/store/sqlite/run-rewriter.js';
import type { Write } from '../../src/store/sqlite/write.js';
import { StoreFailure } from '../../src/store/store.js';

t.test('damage that others meet in the same commit is not that of the runs', async (t) => {
  let calls = 0;
  const all = async (): ReturnType<Statement['all']> => {
    calls += 1;
    if (calls === 1) throw new DatabaseError('SQLITE_CORRUPT', 'what was gathered before meets a damaged page');
    return [];
  };
  const writer = Object.assign(Object.create(Database.prototype) as Database, {
    prepare: () => Promise.resolve({ all } as unknown as Statement),
  });
  const twice: Write = async (work) => {
    await work().catch(() => undefined);
    await work();
    throw new StoreFailure('the disk is full');
  };
  const rewriter = await RunRewriter.prepare(writer, twice);
  const run = { seq: 1, room: 1, description: [], edits: [] };
  await t.rejects(rewriter.write([run], Buffer.alloc(0)), { message: 'the disk is full' });
  t.equal(calls, 2);
});
