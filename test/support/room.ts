// Creates a room without a store, for tests of its members.
import { Room } from '../../src/chat/room.js';
import { defaultSettings } from '../../src/store/room-settings.js';

/** An open room of that name, with no messages. */
export function newRoom(name: string, id = 1): Room {
  const record = {
    id,
    version: 1,
    name,
    key: name,
    topic: '',
    state: 'open',
    settings: defaultSettings,
    roles: new Map(),
    erased: 0,
    created: 0,
  } as const;
  return new Room(record, { id, head: 0 });
}
