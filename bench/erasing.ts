// `npm run bench:erasing`: how much longer commits take while the texts of a deleted user are erased. One client's
// messages are stored one after the other, by turns with and without an erasure beside them. Each erased user has
// 10,000 messages in ten rooms, between those of another user. Prints a table of milliseconds.
import { join } from 'node:path';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { Author } from '../src/store/log.js';
import { nameForms } from '../src/text/names.js';
import { fromCommandLine } from './arguments.js';
import { table } from './markdown.js';
import { commitUntil, row, Speaker } from './speaker.js';
import { makeWorkFolder } from './work-folder.js';

/** Messages of each user who is erased, and how many users are. */
const [messages, users, rooms] = [Number(process.env['MESSAGES'] ?? 10_000), 5, 10];

/** Messages of a commit while the rooms are filled: half are of the user, half of another one. */
const perCommit = 20;

/** Makes the users and their messages. */
async function fill(folder: string): Promise<readonly Author[]> {
  const store = await SqliteStore.open(folder, 'relaxed');
  const speaker = await Speaker.of(store);
  const logs: number[] = [];
  for (let each = 0; each < rooms; each += 1) logs.push(await speaker.room(`room-${each}`));
  const erased: Author[] = [];
  for (let each = 0; each < users; each += 1) {
    const name = nameForms(`gone-${each}`);
    const user = { ...name, firstName: 'G', lastName: 'G', password: Buffer.from('hash') };
    const author = { id: (await store.directory.createUser(user)) ?? 0, name: name.name };
    erased.push(author);
    for (let said = 0; said < messages; said += perCommit / 2) {
      const log = logs[(said / (perCommit / 2)) % rooms] ?? 0;
      await speaker.say(log, perCommit / 2, author);
      await speaker.say(log, perCommit / 2);
    }
  }
  await store.close();
  return erased;
}

async function measure(): Promise<void> {
  const folder = join(makeWorkFolder(), 'erasing');
  const erased = await fill(folder);
  const store = await SqliteStore.open(folder, 'full');
  const speaker = await Speaker.of(store);
  const busy = await speaker.room('busy');
  const say = (): Promise<void> => speaker.say(busy, 1);
  const [beside, alone, took]: [number[], number[], number[]] = [[], [], []];
  for (const { id } of erased) {
    let isDone = false;
    const begun = performance.now();
    const erasing = (async () => {
      await store.directory.deleteUser(id, true);
      const { rows } = await store.erasures.eraseTexts(id);
      if (rows > 0) throw new Error(`${rows} rows were passed over`);
      await store.erasures.overwritten();
      took.push(performance.now() - begun);
    })().finally(() => (isDone = true));
    const during = await commitUntil(() => isDone, say);
    await erasing;
    beside.push(...during);
    let left = during.length;
    alone.push(...(await commitUntil(() => left-- === 0, say)));
  }
  await store.close();
  process.stdout.write(
    `${users} users were erased, of ${messages} messages each\n\n${table(
      ['milliseconds', 'number', 'median', '99 %', '99.9 %', 'longest'],
      [
        row('a commit, without an erasure', alone),
        row('a commit, while texts are erased', beside),
        row('an erasure, until nothing is left in any file', took),
      ],
    )}\n`,
  );
}

await fromCommandLine(measure);
