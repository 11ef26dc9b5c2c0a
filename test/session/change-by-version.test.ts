// Tests the loop that changes a room's record by version (src/session/change-by-version.ts).
import t from 'tap';
import { changeByVersion } from '../../src/session/change-by-version.js';
import type { Changed, RoomChange, RoomRecord } from '../../src/store/directory.js';
import { refusal } from '../../src/wire/refusal.js';

const record = { id: 7, version: 3 } as RoomRecord;
const change: RoomChange = { topic: 'tea' };
const nobody = (): ReturnType<typeof refusal> => refusal('not_found', 'nobody');

/** A directory that answers so, and what it was asked. */
function directoryThat(...outcomes: readonly Changed[]): {
  readonly asked: unknown[][];
  readonly changeRoom: (...words: unknown[]) => Promise<Changed>;
} {
  const asked: unknown[][] = [];
  return {
    asked,
    changeRoom: (...words) => Promise.resolve(outcomes[asked.push(words) - 1] ?? 'stale'),
  };
}

t.test('a change is judged again where another one came in between, eight times at most', async (t) => {
  const once = directoryThat('stale', 'changed');
  let judged = 0;
  const judge = (): { readonly record: RoomRecord; readonly change: RoomChange } => {
    judged += 1;
    return { record, change };
  };
  t.equal(await changeByVersion(once, judge, nobody), record);
  t.same([judged, once.asked.length], [2, 2]);
  t.same(once.asked[1], [7, change, 3, undefined]);

  judged = 0;
  const never = directoryThat();
  t.match(await changeByVersion(never, judge, nobody), { code: 16, retry_after: 100 });
  t.equal(judged, 8);
});

t.test('it ends where the judge refuses, and where the user is gone', async (t) => {
  const directory = directoryThat('nobody');
  const refused = refusal('not_permitted', 'no');
  t.equal(await changeByVersion(directory, () => refused, nobody), refused);
  t.equal(directory.asked.length, 0);
  t.match(await changeByVersion(directory, () => ({ record, change }), nobody), { code: 11 });
  t.equal(directory.asked.length, 1);
});
