// Tests the limits on what stays when a request is done (src/session/limits.ts): who is refused, by which setting, and
// what is counted back.
import t from 'tap';
import { Limits } from '../../src/session/limits.js';
import type { Requester } from '../../src/session/requester.js';
import { worded } from '../support/sentences.js';

function setUp(settings: object): { readonly limits: Limits; readonly counted: string[] } {
  const counted: string[] = [];
  const counters = { limit: (name: string): unknown => counted.push(name) };
  const limits = new Limits(
    () => settings as never,
    counters,
    () => 0,
  );
  return { limits, counted };
}

const from = (limitKey: string, more: object = {}): Requester =>
  ({ peer: { exempt: false, limitKey, ...more }, state: { kind: 'guest' } }) as never;
const [home, exempt] = [from('192.0.2.1'), from('192.0.2.2', { exempt: true })];

t.test(
  'rooms and conversations a day: of a user, and of an address, each given back where nothing was made',
  async (t) => {
    const { limits, counted } = setUp({
      ...{ maxNewRoomsPerDay: 1, maxNewRoomsPerDayPerAddress: 2 },
      ...{ maxNewConversationsPerDay: 1, maxNewConversationsPerDayPerAddress: 2 },
    });
    const kinds = [
      ['rooms', (user: number, of = home) => limits.makingRoom(user, of)?.code, limits.roomNotMade.bind(limits)],
      [
        'conversations',
        (user: number, of = home) => limits.makingConversation(user, of)?.code,
        limits.conversationNotMade.bind(limits),
      ],
    ] as const;
    for (const [kind, make, notMade] of kinds) {
      const setting = `max_new_${kind}_per_day`;
      t.same([make(1), make(1), make(1, exempt)], [undefined, 14, undefined], kind);
      notMade(1, home);
      t.same([make(1), make(2), make(3)], [undefined, undefined, 14]);
      t.same(counted.splice(0), [setting, `${setting}_per_address`]);
      // Whom the address's limit refused has used up nothing of its own.
      t.equal(make(3, from('192.0.2.9')), undefined);
      notMade(2, exempt);
      t.equal(make(4), 14, 'what was not counted is not given back');
      counted.length = 0;
    }
  },
);

t.test('a session enters as many rooms as it may', async (t) => {
  const { limits } = setUp({ maxRoomsPerSession: 2, maxRoomsPerUser: 5 });
  const inside = (size: number, of = home): unknown =>
    limits.enteringRoom({ ...of, state: { kind: 'user', members: { size } } } as never)?.code;
  t.same([inside(1), inside(2), inside(2, exempt)], [undefined, 12, undefined]);
  t.equal(limits.enteringRoom(home), undefined);
});

t.test('whoever has as many as it may is refused in words, by the setting, and counted', async (t) => {
  const { limits, counted } = setUp({
    ...{ maxRoomsPerUser: 3, maxBlockedUsers: 4, maxSessionsPerUser: 5, maxTokensPerUser: 6, maxRoomsPerSession: 2 },
    maxNewUsersPerDayPerAddress: 1,
  });
  t.match(worded(limits.tooManyRooms()), { code: 12, error: /as many rooms as you may, 3:/ });
  t.match(worded(limits.tooManyBlocked()), { code: 14, error: /as many users as you may, 4:/, retry_after: 5000 });
  t.match(worded(limits.tooManyTokens()), { code: 14, error: /as many tokens as it may have, 6:/, retry_after: 5000 });
  const refused = { code: 14, error: /as many sessions as it may have, 5:/, retry_after: 5000 };
  t.equal(
    limits.loggingIn(home, () => 4),
    undefined,
  );
  t.match(worded(limits.loggingIn(home, () => 5)), refused);
  t.equal(
    limits.loggingIn(exempt, () => 5),
    undefined,
  );
  const full = { ...home, state: { kind: 'user', members: { size: 2 } } } as never;
  t.match(worded(limits.enteringRoom(full)), { code: 12, error: /as many rooms as it may be, 2:/ });
  t.same(counted.splice(0), [
    'max_rooms_per_user',
    'max_blocked_users',
    'max_tokens_per_user',
    'max_sessions_per_user',
    'max_rooms_per_session',
  ]);
  t.same([limits.roomsPerUser(home), limits.roomsPerUser(exempt), limits.invitationsPerUser()], [3, Infinity, 3]);
  t.same([limits.blockedUsers, limits.mostTokens], [4, 6]);

  t.same([limits.makingUser(home), limits.makingUser(exempt)], [undefined, undefined]);
  limits.userNotMade(exempt);
  t.match(worded(limits.makingUser(home)), {
    code: 14,
    error: /as many users as it may in a day, 1:/,
    retry_after: 86_400_000,
  });
  limits.userNotMade(home);
  t.equal(limits.makingUser(home), undefined);
  t.same(counted, ['max_new_users_per_day_per_address']);
});
