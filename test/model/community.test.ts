// A community against its model, over each store: a room whose warden gives roles, kicks, bans, invites and trims while
// its guests join, speak, edit, delete, read, write to each other and block each other. No interleaving lets a banned,
// muted or blocked user's message through, lets one who is not in the room read, or breaks a `prev` that no event 111
// tells of (PROTOCOL.md §2.5, §4, §5.4); whoever comes back on another connection misses nothing, and what it sends
// again with its key is there once (§5.3). What is known is in community.ts, what a session may read in guest.ts.
import fc from 'fast-check';
import t from 'tap';
import { Client } from '../support/client.js';
import { Community, warden } from './community.js';
import { startCommunity, storeKinds, type CommunityStage } from './community-stage.js';
import { stranger } from './foreign-writer.js';
import { Guest } from './guest.js';
import { Hall, step, type Step } from './hall.js';
import type { Ledger } from './ledger.js';
import { seed } from './play.js';
import { users } from './scenario.js';

const [alice, eloise, bob] = users;
/** The sessions, the warden's first, and their editions. */
const sessions = [
  [warden, 2],
  [alice, 2],
  [alice, 1],
  [eloise, 2],
  [bob, 2],
  [bob, 1],
] as const;

async function enter(community: Community, stage: CommunityStage, at: number): Promise<Guest> {
  const [user, edition] = sessions[at] ?? sessions[0];
  return new Guest(user, edition, await connect(stage, { user, edition }, at), community);
}

/** Logs in, in the second edition by the user's token. */
async function connect(
  { port, tokens }: CommunityStage,
  { user, edition }: Pick<Guest, 'user' | 'edition'>,
  at: number,
): Promise<Client> {
  const client = await Client.connect(port);
  if (edition === 1) {
    await client.ok({ command: 'authenticate_user', username: user, password: `${user} password` });
    return client;
  }
  const token = tokens.get(user);
  await client.ok({ command: 'authenticate_token', token });
  // Private messages come to who has joined a room.
  await client.ok({ command: 'join_chatroom', username: user, room: `home-${at}` });
  return client;
}

/** Plays one scenario in a room of its own, and compares in the end what is stored with what was answered. */
async function play(stage: CommunityStage, community: Community, steps: readonly Step[]): Promise<void> {
  const first = await enter(community, stage, 0);
  const others = await Promise.all(sessions.slice(1).map((_, at) => enter(community, stage, at + 1)));
  const all = [first, ...others] as const;
  const hall = new Hall(stage, community, all, (guest) => connect(stage, guest, all.indexOf(guest)));
  try {
    const endDisturbance = stage.disturb(community.name);
    try {
      await hall.play(steps);
    } finally {
      await endDisturbance();
    }
    await hall.end();
  } finally {
    hall.isClosing = true;
    for (const { client } of hall.sessions) client.destroy();
    await Promise.all(hall.sessions.map(({ client }) => client.closed));
  }
}

t.setTimeout(600_000);

for (const kind of storeKinds) {
  t.test(`nobody who is silenced is heard, and nobody who is out reads, over ${kind}`, async (t) => {
    const stage = await startCommunity(t, kind, seed);
    for (const user of [stranger, warden, ...users]) {
      const client = await (await Client.connect(stage.port)).enter(user);
      stage.tokens.set(user, String((await client.ok('create_token')).body['token']));
      client.destroy();
    }
    t.comment(`SALOND_TEST_SEED=${seed}`);
    const conversations = new Map<string, Ledger>();
    let rooms = 0;
    let trimmed = 0;
    let [duplicates, privately] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 130, size: 'max' }), async (steps) => {
        const community = new Community(`hall-${(rooms += 1)}`, conversations);
        await play(stage, community, steps);
        trimmed += community.room.floor;
        for (const keyed of community.allKeyed)
          if (keyed === community.keyed) duplicates += keyed.duplicates;
          else privately += keyed.duplicates;
      }),
      { numRuns: Number(process.env['SALOND_TEST_RUNS'] ?? 5), seed, endOnFailure: true },
    );
    const said = [...conversations.values()].reduce((sum, { known }) => sum + known.size, 0);
    t.comment(
      `${rooms} scenarios, ${trimmed} messages trimmed, ${duplicates} duplicates, ${said} private messages, ${privately} duplicates of them`,
    );
  });
}
