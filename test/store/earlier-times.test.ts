// What time a store goes on from when the newest row of its log is damaged.
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { EarlierTimes } from '../../src/store/sqlite/earlier-times.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledFolder } from '../support/files.js';

t.test('a damaged newest message, whose time may be far ahead, does not hold the time of new ones', async (t) => {
  const database = await Database.open(await filledFolder(temporaryFolder(t), 3));
  t.teardown(() => database.close());
  const earlier = new EarlierTimes('/nowhere/salond.db', database);
  const newest = await earlier.floor();
  t.ok(newest > 0 && newest <= Date.now());
  await database.exec('UPDATE runs SET time = time + (1 << 46) WHERE seq = (SELECT max(seq) FROM runs)');
  const floor = await earlier.floor();
  t.ok(floor > 0 && floor <= newest);
});
