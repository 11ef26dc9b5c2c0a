// Ids for a batch that sets out, and what becomes of the entries whose key is known (PROTOCOL.md §4.1, §5.3).
import { StoreFailure, type Entry, type RoomLog } from './store.js';

/** A message that is in the log under some key. */
export interface KnownMessage {
  readonly id: number;
  readonly text: string;
}

/** Numbers entries without keys: all are to be stored. */
export function numberAll<E extends Entry>(entries: readonly E[]): readonly E[] {
  for (const entry of entries) assign(entry);
  return entries;
}

/**
 * Gives each entry its outcome and id, and answers those that are to be stored. `known` are those whose key is in the
 * log, and those of which that can't be read.
 */
export function numberKeyed<E extends Entry>(
  entries: readonly E[],
  known: ReadonlyMap<E | undefined, KnownMessage | StoreFailure>,
): readonly E[] {
  const inBatch = new Map<RoomLog, Map<string, E>>();
  return entries.filter((entry) => {
    const first = known.get(entry) ?? firstInBatch(inBatch, entry);
    if (first === undefined) {
      assign(entry);
      return true;
    }
    if (first instanceof StoreFailure) {
      entry.outcome = 'failed';
      return false;
    }
    const same = 'text' in first ? first.text === JSON.parse(entry.message) : first.message === entry.message;
    entry.outcome = same ? 'duplicate' : 'conflict';
    entry.id = first.id;
    entry.prev = first.id - 1;
    return false;
  });
}

/** Ids are dense within a room, so the message before is always the one numbered one less. */
function assign(entry: Entry): void {
  const { log } = entry;
  entry.outcome = 'stored';
  entry.prev = log.assigned;
  log.assigned += 1;
  entry.id = log.assigned;
}

/** The entry of the same author, room and key that stands before this one in the batch; undefined for the first. */
function firstInBatch<E extends Entry>(inBatch: Map<RoomLog, Map<string, E>>, entry: E): E | undefined {
  if (entry.key === undefined) return undefined;
  let keys = inBatch.get(entry.log);
  if (keys === undefined) {
    keys = new Map();
    inBatch.set(entry.log, keys);
  }
  const authored = `${entry.author} ${entry.key}`;
  const first = keys.get(authored);
  if (first === undefined) keys.set(authored, entry);
  return first;
}
