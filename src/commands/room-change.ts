// Changes the record of a room that the session is in, as its sender may when the change is stored, not only when it
// was asked for.
import { whyNotPermitted } from '../chat/permissions.js';
import type { Member } from '../chat/member.js';
import { changeByVersion, type JudgedChange } from '../session/change-by-version.js';
import { notInRoom } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { RoomChange, RoomRecord, UserRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** What a command was called with that changes a room. */
export interface Changing {
  readonly session: Session;
  readonly request: AnyRequest;
  readonly services: Pick<Services, 'store' | 'gates'>;
  readonly member: Member;
  /** The user whom the change is about, where its spec names one. */
  readonly target?: UserRecord;
}

/**
 * Stores what `change` says of the room's record, or answers why not: as `change` refuses, as the roles are by then, or
 * because too many others change the room. Rejects as the store does.
 */
export async function changeRoom(
  { session, request: { spec }, services: { store, gates }, member, target }: Changing,
  change: (record: RoomRecord) => RoomChange | Refusal,
): Promise<Refusal | undefined> {
  const { room, user } = member;
  const judge = (): JudgedChange | Refusal => {
    const { record } = room;
    if (session.gone || member.out) return notInRoom();
    const { registrationOpen } = gates;
    const why = whyNotPermitted(spec, { registrationOpen, room: record, user: user.id, target: target?.id });
    if (why !== undefined) return refusal('not_permitted', why);
    const changed = change(record);
    return 'code' in changed ? changed : { record, change: changed };
  };
  const changed = await changeByVersion(store.directory, judge, noSuchUser, session);
  return 'code' in changed ? changed : undefined;
}

function noSuchUser(): Refusal {
  return refusal('not_found', say('no_such_user'));
}
