// Whatever a client sends ahead, and whenever its requests are carried out: each gets one reply, in their order
// (PROTOCOL.md §3.1).

import fc from 'fast-check';
import t from 'tap';
import { FakeSession, type Kind } from './fake-session.js';

const kind = fc.constantFrom<Kind>('post', 'post', 'post', 'known', 'refused', 'now', 'later', 'afterwards', 'bad');
/** What happens next: requests arrive, posts are on disk, the command that runs ends. */
const happening = fc.oneof(
  fc.array(kind, { minLength: 1, maxLength: 6 }),
  fc.integer({ min: 1, max: 4 }),
  fc.constant('resolve' as const),
);

async function happen(
  fake: FakeSession,
  what: readonly Kind[] | number | 'resolve',
  next: () => number,
): Promise<void> {
  if (what === 'resolve') await fake.resolve();
  else if (typeof what === 'number') fake.settle(what);
  else fake.send(...what.map((each) => `${each} ${next()}`));
}

t.test('each request gets one reply, in the order of the requests', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const fake = new FakeSession();
      let sent = 0;
      for (const what of happenings) {
        await happen(fake, what, () => sent++);
        const { replies } = fake;
        if (replies.some((number, index) => number !== index)) throw new Error(`out of order: ${replies.join()}`);
        if (fake.session.idle !== (fake.pending === 0 && !fake.running)) throw new Error('idle is not what it says');
      }
      while (fake.pending > 0 || fake.running) {
        fake.settle(1);
        await fake.resolve();
      }
      if (fake.replies.length !== sent) throw new Error(`${fake.replies.length} replies for ${sent} requests`);
    }),
    { numRuns: 300 },
  );
});

t.test('a session that ends at any moment leaves its room once, as soon as no post of it is on its way', async () => {
  const happenings = fc.array(happening, { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(happenings, happenings, async (before, after) => {
      const fake = new FakeSession().enter('lobby');
      let sent = 0;
      for (const what of before) await happen(fake, what, () => sent++);
      const begun = fake.begun.length;
      await fake.end('disconnected');
      const check = (): void => {
        const left = fake.pending === 0 ? 1 : 0;
        if (fake.left.length !== left)
          throw new Error(`left ${fake.left.length} times with ${fake.pending} posts on their way`);
      };
      check();
      for (const what of after.filter((each) => typeof each !== 'object')) {
        await happen(fake, what, () => sent++);
        check();
      }
      if (fake.begun.length !== begun) throw new Error('a request was carried out after the end');
    }),
    { numRuns: 300 },
  );
});
