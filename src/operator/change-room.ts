// Finds rooms for operators' commands, changes their records, and tells those who are in a room of new roles.
import { changeByVersion, type JudgedChange } from '../session/change-by-version.js';
import { byOperator } from '../session/room-bans.js';
import type { Role, RoomChange, RoomRecord } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { noSuchUser } from './accounts.js';
import type { OperatorServices } from './services.js';

/** Makes the refusal where there is no room of a name. */
export function noSuchRoom(): Refusal {
  return refusal('not_found', say('no_room_of_name'));
}

/** Finds the room of that name, also a deleted one. */
export function findRoom({ store, inTurn }: OperatorServices, name: string): Promise<RoomRecord | undefined> {
  return inTurn(() => store.directory.findRoom(nameKey(name)));
}

/**
 * Finds the room of that name and changes it. Answers the record that the change was made of. Refuses (11) where there
 * is none.
 */
export async function changeRoom(
  name: string,
  services: OperatorServices,
  changeOf: (record: RoomRecord) => RoomChange | Refusal,
): Promise<RoomRecord | Refusal> {
  const judge = async (): Promise<JudgedChange | Refusal> => {
    const record = await findRoom(services, name);
    if (record === undefined || record.state === 'deleted') return noSuchRoom();
    const change = changeOf(record);
    return 'code' in change ? change : { record, change };
  };
  return changeByVersion(services.store.directory, judge, noSuchUser);
}

/** Tells those who are in the room that a user has another role. */
export function tellRole(
  { id, name: room }: RoomRecord,
  username: string,
  role: Role,
  services: OperatorServices,
): void {
  services.rooms.ofLog(id)?.tell(new EventLine('role_changed', { room, username, role, by: byOperator }));
}
