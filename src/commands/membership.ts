// What several commands ask: which room of the session's is meant.
import { nameKey } from '../text/names.js';
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import { refusal, type Refusal } from '../wire/refusal.js';

/** The session's place in the room of that name; undefined where it is not in it (code 10), existing or not. */
export function memberOf({ identity: { members } }: Session, room: string): Member | undefined {
  // A name that is its own key, as most are, is found at once.
  return members.get(room) ?? members.get(nameKey(room));
}

export function notInRoom(): Refusal {
  return refusal('not_in_room', 'this session has not joined that room');
}
