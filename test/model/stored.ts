// Reads from a store what rooms hold in the end, to be compared with what clients were shown.
import assert from 'node:assert/strict';
import type { NewMessage } from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import type { Histories, StoredMessage } from './stage.js';

/** @param rooms folded names */
export async function readHistories<Post extends NewMessage>(
  store: Store<Post>,
  rooms: Iterable<string>,
): Promise<Histories> {
  const histories: Histories = new Map();
  for (const name of rooms) {
    const room = await store.directory.findRoom(name);
    assert.ok(room !== undefined, `${name} is not stored`);
    const { messages } = await store.log.readAfter(room.id, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    histories.set(
      name,
      messages.flatMap(({ first, time, authors, texts }) =>
        authors.map((author, place): StoredMessage => {
          const text = JSON.parse(`"${textAt(texts, place)}"`) as string;
          return { id: first + place, username: author.name, text, time: new Date(time).toISOString() };
        }),
      ),
    );
  }
  return histories;
}
