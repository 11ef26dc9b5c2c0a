// The seams at which the random scenarios (interleaving.test.ts) broke an early daemon, each as a scenario that meets
// it almost every time. They are held to the same model. SALOND_TEST_RUNS says how often each is played.
import t from 'tap';
import type { Script, Step } from './scenario.js';
import { ProcessStage } from './process-stage.js';
import type { Histories } from './stage.js';
import { World } from './world.js';

const rounds = Number(process.env['SALOND_TEST_RUNS'] ?? 3);
const everything = [1_000_000];

function repeat(times: number, ...steps: readonly Step[]): Step[] {
  return Array.from({ length: times }, () => steps).flat();
}

const say = (room: number, times = 1): Step => ({ kind: 'say', room, form: 'json', times });
const join = (room: number, after: 'none' | 'zero' | 'read' | 'newest' = 'none'): Step => ({
  kind: 'join',
  room,
  after,
});
const leave = (room: number): Step => ({ kind: 'leave', room });
const users = (room: number): Step => ({ kind: 'users', room });
const pause: Step = { kind: 'pause', turns: 3, milliseconds: 0 };

const seams: readonly { readonly title: string; readonly scripts: readonly Script[] }[] = [
  {
    title: 'clients who open the same new rooms at the same moment are in the same rooms (§5.2)',
    scripts: [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ].map((rooms, index) => ({
      user: index % 3,
      rooms,
      cuts: everything,
      steps: [say(0), say(1), say(2), users(0), users(1), users(2)],
    })),
  },
  {
    title: 'a room that is opened again as soon as it was left is one room (§5.2)',
    scripts: [0, 1, 2, 0, 1, 2].map((user, index) => ({
      user,
      rooms: [0],
      cuts: [40 + index],
      steps: repeat(8, say(0), join(0), join(1), say(1), users(1), leave(1)),
    })),
  },
  {
    title: 'the reply to a join lists those who are there at its place among the events (§4.2, §4.4)',
    scripts: [
      { user: 1, rooms: [], cuts: [70], steps: repeat(15, join(0), users(0), leave(0)) },
      { user: 2, rooms: [], cuts: [50], steps: repeat(15, join(0), pause, leave(0)) },
      { user: 0, rooms: [0], cuts: everything, steps: repeat(15, join(0), users(0), pause) },
      { user: 0, rooms: [], cuts: [90], steps: repeat(15, join(0), join(0), leave(0)) },
    ],
  },
  {
    title: "a user's session that replays is in the room when the user's other session leaves (§4.2)",
    scripts: [
      {
        user: 0,
        rooms: [0],
        cuts: everything,
        steps: [say(0, 50), ...repeat(12, leave(0), pause, join(0), pause, say(0))],
      },
      {
        user: 0,
        rooms: [0],
        cuts: everything,
        steps: [say(0, 50), ...repeat(12, leave(0), join(0, 'zero'), users(0), pause)],
      },
      { user: 2, rooms: [0], cuts: everything, steps: repeat(12, leave(0), join(0, 'newest'), say(0), pause) },
      { user: 1, rooms: [0], cuts: [300], steps: repeat(12, users(0), say(0), pause) },
    ],
  },
  {
    title: 'a duplicate is answered after its first was shown, in one batch too (§4.3, §5.3)',
    scripts: [0, 1].map(
      (user): Script => ({
        user: 0,
        rooms: [0, 1, 2],
        cuts: everything,
        steps: [
          { kind: 'wait' },
          ...[0, 1, 2].flatMap((key) =>
            [0, 1, 2].flatMap((room): Step[] => [
              say(room, user),
              { kind: 'say_keyed', room, key, variant: 0 },
              { kind: 'say_keyed', room, key, variant: user },
              pause,
            ]),
          ),
        ],
      }),
    ),
  },
];

t.setTimeout(300_000);

t.test('scenarios that broke an early daemon keep to the model', async (t) => {
  const world = await World.start(await ProcessStage.start(t));
  const histories: Histories = new Map();
  for (const { title, scripts } of seams) {
    await t.test(title, async () => {
      for (let round = 0; round < rounds; round += 1) {
        for (const [room, history] of await world.run(scripts)) histories.set(room, history);
      }
    });
  }
  await t.resolves(world.end(histories), 'the disk holds what was read back');
});
