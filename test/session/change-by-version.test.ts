// Tests the loop that changes a room's record by version (src/session/change-by-version.ts), and what it is changed to.
import t from 'tap';
import { changeByVersion } from '../../src/session/change-by-version.js';
import { bansOf, shownBan } from '../../src/session/room-bans.js';
import { givenSettings, settingsChange } from '../../src/session/room-settings.js';
import type { Changed, ListedRoomBan, RoomChange, RoomRecord } from '../../src/store/directory.js';
import { defaultSettings, type RoomSettings } from '../../src/store/room-settings.js';
import { refusal } from '../../src/wire/refusal.js';
import { verbatim } from '../../src/wire/words.js';

const record = { id: 7, version: 3 } as RoomRecord;
const change: RoomChange = { topic: 'tea' };
const nobody = (): ReturnType<typeof refusal> => refusal('not_found', verbatim('nobody'));

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
  const refused = refusal('not_permitted', verbatim('no'));
  t.equal(await changeByVersion(directory, () => refused, nobody), refused);
  t.equal(directory.asked.length, 0);
  t.match(await changeByVersion(directory, () => ({ record, change }), nobody), { code: 11 });
  t.equal(directory.asked.length, 1);
});

t.test('settings that are given change, a new password has the next version, and none goes with members_only', (t) => {
  const names = { members_only: true, moderated: false, hidden: undefined, welcome: 'hi', max_users: 3 };
  t.same(givenSettings({ ...names, slow_seconds: 0, keep_seconds: 5, keep_messages: undefined }), {
    ...{ membersOnly: true, moderated: false, welcome: 'hi', maxUsers: 3 },
    ...{ slowSeconds: 0, keepSeconds: 5 },
  });
  const of = (settings: object): { readonly settings: RoomSettings } => ({
    settings: { ...defaultSettings, passwordVersion: 4, ...settings },
  });
  t.same(settingsChange(of({}), { moderated: true }), { settings: { moderated: true } });
  t.same(settingsChange(of({}), { password: 'x' }), { settings: { password: 'x', passwordVersion: 5 } });
  t.same(settingsChange(of({ membersOnly: true }), { password: '' }), {
    settings: { password: '', passwordVersion: 5 },
  });
  t.match(settingsChange(of({ membersOnly: true }), { password: 'x' }), { code: 18 });
  t.match(settingsChange(of({ password: 'x' }), { membersOnly: true }), { code: 18 });
  t.same(settingsChange(of({ password: 'x' }), { membersOnly: true, password: '' }), {
    settings: { membersOnly: true, password: '', passwordVersion: 5 },
  });
  t.end();
});

t.test('bans of a room are listed with the names of those who made them, as far as there are such', async (t) => {
  t.intercept(Date, 'now', { value: () => 5000 });
  const asked: unknown[] = [];
  const ban = (by: number): ListedRoomBan =>
    ({ name: 'x', by, reason: 'r', created: 0, until: undefined }) as ListedRoomBan;
  const directory = {
    listRoomBans: async (...words: readonly unknown[]) => {
      asked.push(words);
      return [7, 0, 1, 7].map(ban);
    },
    namesOf: async (users: ReadonlySet<number>) => {
      asked.push([...users]);
      return new Map([[7, 'Alice']]);
    },
  };
  const found = await bansOf(directory, 3, 'BOB', 9);
  t.same(asked, [
    [3, 'bob', 9, 5000],
    [7, 1],
  ]);
  const named = found.map(({ byName }) => byName);
  t.same([named[0], named[2], named[3]], ['Alice', '', 'Alice']);
  t.match(named[1], /operator/);
  await bansOf(directory, 3, undefined, 9);
  t.same(asked[2], [3, '', 9, 5000]);
  const shown = { username: 'x', by: 'Alice', reason: 'r', created: '1970-01-01T00:00:00.000Z' };
  t.same(shownBan({ ...ban(7), byName: 'Alice' }), shown);
  t.same(shownBan({ ...ban(7), byName: 'Alice', until: 1000 }), { ...shown, until: '1970-01-01T00:00:01.000Z' });
});
