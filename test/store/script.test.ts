// Transactions whose writes are gathered (script.ts): what is stored is what single statements would have stored.
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Database, DatabaseError, type Value } from '../../src/store/sqlite/database.js';
import { Script } from '../../src/store/sqlite/script.js';
import { temporaryFolder } from '../support/daemon.js';

async function open(t: Test, path = join(temporaryFolder(t), 'test.db')): Promise<Database> {
  const database = await Database.open(path);
  t.teardown(() => database.close());
  await database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = WAL');
  return database;
}

const value = fc.oneof<fc.Arbitrary<Value>[]>(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom("it's", '?', "'?1'", '; COMMIT; --', 'a\0b', '\ud800', '', 'x'.repeat(40_000)),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.constantFrom(0, -0, -1, 0.1, 1e300, 5e-324, Date.now(), 2 ** 53, Infinity),
  fc.uint8Array({ maxLength: 20 }),
  fc.constant(new Uint8Array(40_000)),
  fc.constant(null),
);

t.test('a gathered statement stores what the same statement stores by itself', async (t) => {
  const database = await open(t);
  await database.exec('CREATE TABLE alone (a, b INTEGER, c); CREATE TABLE gathered (a, b INTEGER, c)');
  const [alone, gathered] = [
    await database.prepare("INSERT INTO alone SELECT ?, ?, coalesce(?, '?')"),
    await database.prepare("INSERT INTO gathered SELECT ?, ?, coalesce(?, '?')"),
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 80 }), async (rows) => {
      await database.exec('DELETE FROM alone; DELETE FROM gathered');
      for (const row of rows) await alone.run(...row);
      await database.transaction(async () => {
        for (const row of rows) await gathered.run(...row);
      });
      // Large whole numbers are bound as fractions, and columns without a type keep them so.
      const read = "a, typeof(a) = 'blob', b, typeof(b) = 'blob', c, typeof(c) = 'blob'";
      const expected = await database.all(`SELECT ${read} FROM alone ORDER BY rowid`);
      const found = await database.all(`SELECT ${read} FROM gathered ORDER BY rowid`);
      return isDeepStrictEqual(found, expected);
    }),
    { numRuns: 60 },
  );
});

t.test('placeholders with numbers may come in any order, and more than once', async (t) => {
  const database = await open(t);
  await database.exec('CREATE TABLE kept (text)');
  const keep = await database.prepare("INSERT INTO kept VALUES (?2 || ?1 || ?2 || '?1')");
  await database.transaction(() => keep.run('one', -2));
  t.same(await database.all('SELECT text FROM kept'), [{ text: '-2one-2?1' }]);
});

t.test('a read sees what was gathered before it', async (t) => {
  const database = await open(t);
  await database.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY)');
  const [keep, all] = [
    await database.prepare('INSERT INTO kept VALUES (?)'),
    await database.prepare('SELECT count(*) AS count FROM kept'),
  ];
  const take = await database.prepare('DELETE FROM kept WHERE id = ? RETURNING id');
  await database.transaction(async () => {
    t.same(await all.all(), [{ count: 0 }]);
    await keep.run(1);
    t.same(await all.all(), [{ count: 1 }]);
    await keep.run(2);
    t.same(await take.all(1), [{ id: 1 }]);
    await keep.run(3);
    t.same(await database.all('SELECT id FROM kept'), [{ id: 2 }, { id: 3 }]);
    await database.exec('DELETE FROM kept WHERE id = 2');
  });
  t.same(await database.all('SELECT id FROM kept'), [{ id: 3 }]);
});

t.test('where one statement fails, nothing is kept', async (t) => {
  const database = await open(t);
  await database.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY)');
  const keep = await database.prepare('INSERT INTO kept VALUES (?)');
  const twice = database.transaction(async () => {
    await keep.run(1);
    await keep.run(1);
  });
  await t.rejects(twice, /SQLITE_CONSTRAINT/);
  const many = database.transaction(async () => {
    for (let count = 0; count < 100; count += 1) await keep.run(count % 70);
  });
  await t.rejects(many, /SQLITE_CONSTRAINT/);
  const thrown = database.transaction(async () => {
    await keep.run(1);
    throw new Error('no');
  });
  await t.rejects(thrown, { message: 'no' });
  const undone = database.transaction(async () => {
    await keep.run(1);
    await database.exec('SAVEPOINT part');
    await keep.run(1);
    await database.undo('ROLLBACK TO part; RELEASE part');
    await keep.run(2);
  });
  await undone;
  t.same(await database.all('SELECT id FROM kept'), [{ id: 1 }, { id: 2 }]);
});

t.test('where the error of a statement is caught by a later one, nothing is kept', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const [database, other] = [await open(t, path), await open(t, path)];
  await database.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY)');
  const [keep, all] = [
    await database.prepare('INSERT INTO kept VALUES (?)'),
    await database.prepare('SELECT id FROM kept'),
  ];
  const caught: unknown[] = [];
  const look = (): Promise<unknown> => all.all().catch((error: unknown) => caught.push(String(error)));
  const refused = database.transaction(async () => {
    for (const id of [1, 1, 2]) await keep.run(id);
    for (let looks = 0; looks < 2; looks += 1) await look();
    await keep.run(3);
    await look();
  });
  await t.rejects(refused, /SQLITE_CONSTRAINT/);
  t.equal(caught.length, 3, 'whoever reads meets it too');
  t.same(await all.all(), []);

  await other.exec('BEGIN IMMEDIATE');
  const notBegun = database.transaction(async () => {
    await keep.run(1);
    await look();
    await other.exec('COMMIT');
    await keep.run(2);
  });
  await t.rejects(notBegun, /SQLITE_BUSY/);
  t.same(await all.all(), []);

  const undone = database.transaction(async () => {
    await database.exec('SAVEPOINT part');
    for (const id of [1, 1]) await keep.run(id);
    await look();
    await database.undo('ROLLBACK TO part; RELEASE part');
    await keep.run(2);
    return all.all();
  });
  t.same(await undone, [{ id: 2 }]);
});

t.test('what can not begin runs nothing outside of a transaction', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const [database, other] = [await open(t, path), await open(t, path)];
  await database.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY)');
  const [keep, take] = [
    await database.prepare('INSERT INTO kept VALUES (?)'),
    await database.prepare('DELETE FROM kept RETURNING id'),
  ];
  await keep.run(1);
  await other.exec('BEGIN IMMEDIATE');
  const outcomes: unknown[] = [];
  const refused = database.transaction(async () => {
    await keep.run(2);
    const both = [take.all(), take.all()].map((taken) => taken.catch(() => 'failed'));
    await other.exec('COMMIT');
    outcomes.push(...(await Promise.all(both)));
    throw new Error('no');
  });
  await t.rejects(refused, { message: 'no' });
  t.same(await database.all('SELECT id FROM kept'), [{ id: 1 }]);
  t.equal(outcomes.filter((outcome) => outcome !== 'failed').length % 2, 0, 'both run, or none');
});

t.test('a transaction that writes nothing waits for nobody', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const [database, other] = [await open(t, path), await open(t, path)];
  await database.exec('CREATE TABLE kept (id INTEGER PRIMARY KEY)');
  const all = await database.prepare('SELECT id FROM kept');
  await other.exec('BEGIN IMMEDIATE');
  t.same(await database.transaction(() => all.all()), []);
  await t.rejects(
    database.transaction(() => database.exec('DELETE FROM kept')),
    /SQLITE_BUSY/,
  );
  await other.exec('COMMIT');
});

t.test('behind an error that may have ended the transaction nothing runs until it is undone', async (t) => {
  const ran: string[] = [];
  const script = new Script(async (sql) => void ran.push(sql));
  script.open();
  script.failed(new DatabaseError('SQLITE_IOERR', 'before anything was written'));
  await script.add('one');
  await script.send();
  script.failed(new DatabaseError('SQLITE_CONSTRAINT', 'of one statement'));
  await script.add('two');
  await script.send();
  script.failed(new DatabaseError('SQLITE_IOERR', 'gone'));
  await t.rejects(script.send(), /gone/);
  await script.add('three');
  await t.rejects(script.commit(), /gone/);
  await script.undo('ROLLBACK');
  script.close();
  t.same(ran, ['BEGIN IMMEDIATE;one;', 'two;', 'ROLLBACK']);
});
