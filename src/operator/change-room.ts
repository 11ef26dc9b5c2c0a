// Finds rooms for operators' commands, changes their records, and tells those who are in a room of new roles.
import { byOperator } from '../session/room-bans.js';
import type { Role, RoomChange, RoomRecord } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { encodeEvent } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { noSuchUser } from './accounts.js';
import type { OperatorServices } from './services.js';

/** Makes the refusal where there is no room of a name. */
export function noSuchRoom(): Refusal {
  return refusal('not_found', 'there is no room of that name');
}

/** Finds the room of that name, also a deleted one. */
export function findRoom({ store, inTurn }: OperatorServices, name: string): Promise<RoomRecord | undefined> {
  return inTurn(() => store.directory.findRoom(nameKey(name)));
}

/** How many other changes of the record may come in between. */
const mostTries = 8;

/**
 * Finds the room of that name and changes it. Answers the record that the change was made of. 11 where there is none.
 */
export async function changeRoom(
  name: string,
  services: OperatorServices,
  changeOf: (record: RoomRecord) => RoomChange | Refusal,
): Promise<RoomRecord | Refusal> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await findRoom(services, name);
    if (found === undefined || found.state === 'deleted') return noSuchRoom();
    const changed = changeOf(found);
    if ('code' in changed) return changed;
    const outcome = await services.store.directory.changeRoom(found.id, changed, found.version);
    if (outcome === 'changed') return found;
    if (outcome === 'gone') return noSuchRoom();
    if (outcome === 'nobody') return noSuchUser();
  }
  return refusal('busy', 'others change this room at the moment: try again', { retry_after: 100 });
}

/** Tells those who are in the room that a user has another role. */
export function tellRole(
  { id, name: room }: RoomRecord,
  username: string,
  role: Role,
  services: OperatorServices,
): void {
  services.rooms.ofLog(id)?.tell(encodeEvent('role_changed', { room, username, role, by: byOperator }));
}
