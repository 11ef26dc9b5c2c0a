// The settings of a room, as commands of clients and operators show and judge them.
import type { RoomChange, RoomRecord } from '../store/directory.js';
import type { RoomSettings } from '../store/room-settings.js';
import type { SetChatroomParameters, SetChatroomResults } from '../wire/generated/commands/set_chatroom.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';

/** Settings as requests of clients and operators name them. */
export type NamedSettings = Omit<SetChatroomParameters, 'room' | 'password'>;

/** The settings as replies show them. Of a password they say only whether there is one. */
export function shownSettings(settings: RoomSettings): SetChatroomResults {
  const { password, membersOnly, moderated, hidden, maxUsers, slowSeconds, keepSeconds, keepMessages, welcome } =
    settings;
  return {
    password: password !== '',
    members_only: membersOnly,
    moderated,
    hidden,
    max_users: maxUsers,
    slow_seconds: slowSeconds,
    keep_seconds: keepSeconds,
    keep_messages: keepMessages,
    welcome,
  };
}

/** The settings that a request gives, without the password, which has to be hashed. */
export function givenSettings(named: NamedSettings): Partial<RoomSettings> {
  const { members_only: membersOnly, moderated, hidden, welcome } = named;
  const { max_users: maxUsers, slow_seconds: slowSeconds } = named;
  const { keep_seconds: keepSeconds, keep_messages: keepMessages } = named;
  const settings = { membersOnly, moderated, hidden, maxUsers, slowSeconds, keepSeconds, keepMessages, welcome };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/**
 * The change of a room that makes these settings its, or why they contradict those that it has (18). A password that
 * changes gets the next version, so that members are asked for it.
 */
export function settingsChange(
  { settings }: Pick<RoomRecord, 'settings'>,
  given: Partial<RoomSettings>,
): RoomChange | Refusal {
  const { passwordVersion } = settings;
  const changed = given.password === undefined ? given : { ...given, passwordVersion: passwordVersion + 1 };
  const after = { ...settings, ...changed };
  return after.password !== '' && after.membersOnly
    ? refusal('conflict', say('password_or_members_only'))
    : { settings: changed };
}
