// `salonctl export FILE --follow`: where in the file it goes on, and which files it leaves alone. follow-killed.test.ts
// kills both ends.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ControlConnection } from '../../src/salonctl/control-connection.js';
import { Refused } from '../../src/salonctl/errors.js';
import { follow } from '../../src/salonctl/follow.js';
import { temporaryFolder } from '../support/daemon.js';

/** What is asked of a daemon that sends these pieces and then refuses. Nothing is asked where the file is refused. */
async function asked(path: string, after?: string, pieces: readonly string[] = []): Promise<readonly object[]> {
  const requests: object[] = [];
  const connection: Pick<ControlConnection, 'ask'> = {
    ask: async (request, onEvent) => {
      requests.push(request);
      for (const piece of pieces) await onEvent?.({ code: 290, body: { data: Buffer.from(piece).toString('base64') } });
      return { code: 2, body: { error: 'no more' } };
    },
  };
  await follow(path, after, async () => connection as ControlConnection).catch((error: unknown) => {
    if (!(error instanceof Refused)) throw error;
  });
  return requests;
}

const line = (position: string): string => `${JSON.stringify({ in: 'rooms', id: 7, position })}\n`;

/** A file with that content. */
function file(t: Test, content: string): string {
  const path = join(temporaryFolder(t), 'feed.jsonl');
  writeFileSync(path, content);
  return path;
}

t.test('a file goes on behind its last whole line, without what was written of the next', async (t) => {
  for (const [kept, unfinished, after] of [
    ['', '', undefined],
    ['', '{"in":"rooms","id"', undefined],
    ['', '{"i', undefined],
    [line('1.2.3'), '', '1.2.3'],
    [line('1.2.3') + line('4.5.6'), '', '4.5.6'],
    [line('1.2.3') + line('4.5.6'), '{"in":"rooms","id":7,"position":"9', '4.5.6'],
    [line('1.2.3').repeat(20_000) + line('4.5.6'), '{', '4.5.6'],
  ] as const) {
    const path = file(t, kept + unfinished);
    t.same(await asked(path, undefined, [line('7.8.9')]), [{ command: 'follow', after }]);
    t.ok(readFileSync(path, 'utf8') === kept + line('7.8.9'), `${kept.length} bytes are kept`);
  }
  const path = file(t, line('1.2.3'));
  t.same(await asked(path, '2.2.2'), [{ command: 'follow', after: '2.2.2' }], 'the position that is named is first');
});

t.test('a file of anything else is refused, and stays as it is', async (t) => {
  for (const content of [
    'a note without an end of line',
    'a note\n',
    '{"in":"rooms"}\n',
    '["position"]\n{"in":"ro',
    '\n',
    `${line('1.2.3')}a note`,
    'x'.repeat(300_000),
  ]) {
    const path = file(t, content);
    await t.rejects(asked(path), /does not end in a line of export --follow/, content.slice(0, 30));
    t.ok(readFileSync(path, 'utf8') === content);
  }
});

t.test('a file that can not be opened is named, with the reason', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'inner'));
  await t.rejects(asked(join(folder, 'inner')), {
    message: `${folder}/inner can't be written: illegal operation on a directory`,
  });
  await t.rejects(asked(join(folder, 'none', 'feed.jsonl')), {
    message: `${folder}/none/feed.jsonl can't be written: no such file or directory`,
  });
});
