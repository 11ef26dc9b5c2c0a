// What is done to all records but messages while power-loss.test.ts records a daemon, one request after the other, and
// what each makes of the records.
import type { Line } from '../support/client.js';
import type { Person, Place, Records } from './power-records.js';

type Change = (records: Records) => Records;

/** A request that changes records: all of them at once, or none. */
export interface Deed {
  /** The device logs in by the token that was made before. */
  readonly by: 'alice' | 'bob' | 'operator' | 'device';
  /** Made when it is sent, because it may need what another one was answered. */
  readonly request: () => object;
  readonly change: Change;
  /** Whether the power may fail between its parts. The next start does the rest. */
  readonly isInParts?: boolean;
  /** Whether nothing is stored before it is answered. */
  readonly isRead?: boolean;
  readonly answered?: (reply: Line) => void;
}

/** Changes one record. */
function of<Kind extends Person | Place>(name: string, change: (record: Kind) => Partial<Kind>): Change {
  return (records) => ({ ...records, [name]: { ...(records[name] as Kind), ...change(records[name] as Kind) } });
}

const roomBy = (name: string, change: (place: Place) => Partial<Place>): Change => of(`room ${name}`, change);
const userBy = (name: string, change: (person: Person) => Partial<Person>): Change => of(`user ${name}`, change);
const list =
  (name: 'bans' | 'invitations', entries: readonly string[]): Change =>
  (records) => ({
    ...records,
    [name]: entries,
  });

/** The same with another value of that name, or without it. */
function put<Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
  value: Value | undefined,
): Readonly<Record<string, Value>> {
  const { [name]: _, ...others } = record;
  return value === undefined ? others : { ...others, [name]: value };
}

/** Who belongs to a room from now on, and how far it has read. */
const member = (room: string, name: string, read?: number | 'invited'): Change =>
  roomBy(room, ({ members }) => ({ members: put(members, name, read) }));
/** What a user is in a room from now on. */
const role = (room: string, name: string, given?: string): Change =>
  roomBy(room, ({ roles }) => ({ roles: put(roles, name, given) }));
const ban = (room: string, name: string, made?: string): Change =>
  roomBy(room, ({ bans }) => ({ bans: put(bans, name, made) }));
const blocks = (name: string, others: readonly string[]): Change => userBy(name, () => ({ blocks: others }));
const tokens = (...labels: readonly string[]): Change => userBy('alice', () => ({ tokens: labels }));
const conversation = (name: string, other: string, read: number): Change =>
  userBy(name, ({ conversations }) => ({ conversations: put(conversations, other, read) }));

const also =
  (...changes: readonly Change[]): Change =>
  (records) =>
    changes.reduce((before, change) => change(before), records);

/** Two users have a conversation from now on. */
const opened = (one: string, other: string): Change => also(conversation(one, other, 0), conversation(other, one, 0));

const person: Person = {
  ...{ state: 'active', firstName: 'A', status: '', hasFirstPassword: true },
  ...{ tokens: [], blocks: [], conversations: {} },
};
const deleted: Person = { ...person, state: 'deleted', firstName: '', hasFirstPassword: false };
const club: Place = { state: 'open', topic: '', roles: { alice: 'owner' }, bans: {}, members: { alice: 0 } };

/** All deeds, in their order. */
export function makeDeeds(): readonly Deed[] {
  let [token, id, invitation, invitationId] = ['', '', '', ''];
  const deeds: Deed[] = [];
  const by =
    (who: Deed['by']) =>
    (command: string, more: object, change: Change, others: Partial<Deed> = {}): unknown =>
      deeds.push({ by: who, request: () => ({ command, ...more }), change, ...others });
  const [alice, bob, operator] = [by('alice'), by('bob'), by('operator')];
  const inParts = { isInParts: true } as const;
  const about = (room: string, user: string): object => ({ room, user });

  alice('join_chatroom', { username: 'alice', room: 'club' }, (all) => ({ ...all, 'room club': club }), inParts);
  alice('invite_user', about('club', 'bob'), member('club', 'bob', 'invited'));
  bob('join_chatroom', { username: 'bob', room: 'club' }, member('club', 'bob', 0));
  alice('set_role', { ...about('club', 'bob'), role: 'moderator' }, role('club', 'bob', 'moderator'));
  const banned = also(role('club', 'bob'), member('club', 'bob'), ban('club', 'bob', 'alice 3600 loud'));
  alice('ban_user', { ...about('club', 'bob'), duration: 3600, reason: 'loud' }, banned);
  alice('unban_user', about('club', 'bob'), ban('club', 'bob'));
  // The notice that goes with it comes after it.
  const told = also(member('club', 'dave', 'invited'), opened('alice', 'dave'));
  alice('invite_user', about('club', 'dave'), told, inParts);
  alice('kick_user', about('club', 'dave'), member('club', 'dave'));
  alice('ban_user', about('club', 'dave'), ban('club', 'dave', 'alice Infinity '));
  alice(
    'set_topic',
    { room: 'club', topic: 'cards' },
    roomBy('club', () => ({ topic: 'cards' })),
  );
  alice('leave_chatroom', { username: 'alice', room: 'club' }, member('club', 'alice'));
  alice('join_chatroom', { username: 'alice', room: 'club' }, member('club', 'alice', 0));
  alice('set_role', { ...about('den', 'carol'), role: 'muted' }, role('den', 'carol', 'muted'));
  alice('set_role', { ...about('den', 'carol'), role: 'member' }, role('den', 'carol'));
  alice('mark_read', { room: 'den', id: 3 }, member('den', 'alice', 3));
  alice('mark_read', { room: 'den', id: 1 }, member('den', 'alice', 1));
  bob('mark_read', { room: 'den', id: 2 }, member('den', 'bob', 2));
  bob('mark_direct_read', { with: 'alice', id: 1 }, conversation('bob', 'alice', 1));
  alice('block_user', { user: 'dave' }, blocks('alice', ['dave']));
  alice('block_user', { user: 'erin' }, blocks('alice', ['dave', 'erin']));
  alice('unblock_user', { user: 'dave' }, blocks('alice', ['erin']));
  alice('direct_message', { to: 'carol', message: 'the first' }, opened('alice', 'carol'));
  const said = { status: 'away', first_name: 'Al' };
  alice(
    'update_user',
    said,
    userBy('alice', () => ({ status: 'away', firstName: 'Al' })),
  );

  const login = (): unknown =>
    deeds.push({
      by: 'device',
      request: () => ({ command: 'authenticate_token', token }),
      change: (all) => all,
      isRead: true,
    });
  const keep = ({ body }: Line): unknown => ([token, id] = [String(body['token']), String(body['token_id'])]);
  alice('create_token', { label: 'phone' }, tokens('phone'), { answered: keep });
  login();
  by('device')('create_token', { label: 'of the phone' }, tokens('of the phone', 'phone'));
  alice('create_token', { label: 'laptop' }, tokens('laptop', 'of the phone', 'phone'));
  // With it goes the one that was made in its session.
  deeds.push({ by: 'alice', request: () => ({ command: 'delete_token', token_id: id }), change: tokens('laptop') });
  const passwords = { password: 'alice password', new_password: 'another password' };
  const isNew = userBy('alice', () => ({ tokens: [], hasFirstPassword: false }));
  alice('change_password', passwords, isNew);
  alice('create_token', { label: 'lasting' }, tokens('lasting'), { answered: keep });
  login();

  const noted = ({ body }: Line): unknown =>
    ([invitation, invitationId] = [String(body['invitation']), String(body['invitation_id'])]);
  operator('create_invitation', { uses: 2 }, list('invitations', ['0 of 2']), { answered: noted });
  const frank = { command: 'create_user', username: 'frank', first_name: 'A', last_name: 'B', password: 'a password' };
  const registered = also((all) => ({ ...all, 'user frank': person }), list('invitations', ['1 of 2']));
  deeds.push({ by: 'bob', request: () => ({ ...frank, invitation }), change: registered });
  deeds.push({
    by: 'operator',
    request: () => ({ command: 'delete_invitation', invitation_id: invitationId }),
    change: list('invitations', []),
  });
  const flood = { target: '192.0.2.0/24', duration: 600, reason: 'flood' };
  operator('ban', flood, list('bans', ['192.0.2.0/24 flood true']));
  operator(
    'disable_account',
    { user: 'dave' },
    userBy('dave', () => ({ state: 'disabled' })),
  );
  alice(
    'delete_chatroom',
    { room: 'club' },
    roomBy('club', () => ({ state: 'deleted', topic: '', bans: {}, members: {} })),
    inParts,
  );
  const carolGoes = also(
    userBy('carol', ({ conversations }) => ({ ...deleted, conversations })),
    member('den', 'carol'),
    member('carols', 'carol'),
    roomBy('carols', () => ({ roles: { bob: 'owner' } })),
  );
  operator('delete_account', { user: 'carol' }, carolGoes, inParts);
  const erinGoes = also(
    (all) => put<Records[string]>(all, 'user erin', undefined),
    roomBy('erins', () => ({ roles: {}, members: {}, topic: '' })),
    blocks('alice', []),
  );
  operator('erase_account', { user: 'erin' }, erinGoes, inParts);
  return deeds;
}
