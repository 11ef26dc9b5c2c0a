// set_chatroom: changes settings of a room, or shows them.
import { charge } from '../session/budgets.js';
import { givenSettings, settingsChange, shownSettings } from '../session/room-settings.js';
import type { Session } from '../session/session.js';
import type { RoomSettings } from '../store/room-settings.js';
import type { Refusal } from '../wire/refusal.js';
import { changeRoom } from './room-change.js';
import type { Command, RequestOf, Services } from './services.js';

/** Stores the settings that are given, and answers all that are in force. Without any it stores nothing. */
export const setChatroom: Command<'set_chatroom'> = async (session, request, services, member) => {
  const { room } = member;
  const { password } = request.parameters;
  const given: Partial<RoomSettings> = {
    ...givenSettings(request.parameters),
    ...(password === undefined ? {} : { password }),
  };
  if (Object.keys(given).length > 0) {
    // Before the hash, which is expensive. The room may have other settings by then.
    const conflict = settingsChange(room.record, given);
    if ('code' in conflict) return conflict;
    const changed = password === undefined ? given : await withHash(session, request, services, { ...given, password });
    if ('code' in changed) return changed;
    const refused = await changeRoom({ session, request, services, member }, (record) =>
      settingsChange(record, changed),
    );
    if (refused !== undefined) return refused;
  }
  return { results: shownSettings(room.record.settings) };
};

/** Hashes the password. An address may have that done as often as it may try passwords. */
async function withHash(
  session: Session,
  { spec }: RequestOf<'set_chatroom'>,
  { gates, roomPasswords }: Pick<Services, 'gates' | 'roomPasswords'>,
  given: Partial<RoomSettings> & { readonly password: string },
): Promise<Partial<RoomSettings> | Refusal> {
  const { password } = given;
  const refused = password === '' ? undefined : charge(gates, { ...spec, cost: 0, budget: 'password' }, session);
  if (refused !== undefined) return refused;
  const asker = { address: session.peer.limitKey, account: session.identity.user.key };
  return { ...given, password: await roomPasswords.hash(password, asker) };
}
