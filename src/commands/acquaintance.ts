// Decides who may see a user's names and presence: the user, and whoever shares a room or a conversation with it.
import type { ChatUser } from '../chat/presence.js';
import type { Services } from './services.js';

/** One way in which somebody may know another user. */
type Acquaintance = (
  one: ChatUser,
  other: ChatUser,
  store: Pick<Services['store'], 'blocks' | 'conversations' | 'memberships'>,
) => boolean | Promise<boolean>;

/** The ways, the cheapest first. Each is a look-up or two, however many rooms and conversations somebody has. */
const ways: readonly Acquaintance[] = [
  (one, other) => one.id === other.id,
  // Anybody can begin a conversation, so it tells nothing about those who block the other one of it.
  async (one, other, { conversations, blocks }) =>
    (await conversations.find(one.id, other.id)) !== undefined && !(await blocks.has(other.id, one.id)),
  // Whoever is in a room has joined it.
  (one, other, { memberships }) => memberships.share(one.id, other.id),
];

/** Whether `one` may see more of `other` than strangers do. Reads of the store are part of the caller's turn. */
export async function areAcquainted(...asked: Parameters<Acquaintance>): Promise<boolean> {
  for (const way of ways) if (await way(...asked)) return true;
  return false;
}
