// Changes a room's record, for commands of clients and operators: a change is judged by a version of the record, and
// judged again where another change came in between.
import type { Directory, RoomChange, RoomRecord } from '../store/directory.js';
import type { Payer } from '../turns/payer.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';

/** How many other changes of the record may come in between. */
const mostTries = 8;

/** A change, and the record by which it was judged. */
export interface JudgedChange {
  readonly record: RoomRecord;
  readonly change: RoomChange;
}

/**
 * Stores the change that `judge` makes of the newest record. Answers the record by which it was judged, or why it is
 * refused: as `judge` says, as `nobody` says because the user whom it is about is gone, or because too many others
 * change the room (16). Rejects as the store does.
 * @param judge is called again where another change came in between; refuses where the room is gone
 * @param nobody makes the refusal where the user whom the change is about is gone
 * @param payer pays for the change; an operator's where there is none
 */
export async function changeByVersion(
  directory: Pick<Directory, 'changeRoom'>,
  judge: () => JudgedChange | Refusal | Promise<JudgedChange | Refusal>,
  nobody: () => Refusal,
  payer?: Payer,
): Promise<RoomRecord | Refusal> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const judged = await judge();
    if ('code' in judged) return judged;
    const { record, change } = judged;
    const outcome = await directory.changeRoom(record.id, change, record.version, payer);
    if (outcome === 'changed') return record;
    if (outcome === 'nobody') return nobody();
  }
  return refusal('busy', say('room_being_changed'), { retry_after: 100 });
}
