// set_topic: sets the topic of a room, and tells its members.
import { EventLine } from '../wire/encode-event.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/** Tells the others once the topic is stored. A topic that is there already is stored and told again. */
export const setTopic: Command<'set_topic'> = async (session, request, services, member) => {
  const { topic } = request.parameters;
  const { room, user } = member;
  // Where its author is erased, it goes too.
  const settings = { topicBy: topic === '' ? 0 : user.id };
  const refused = await changeRoom({ session, request, services, member }, () => ({ topic, settings }));
  if (refused !== undefined) return refused;
  room.tell(new EventLine('topic_changed', { room: room.name, username: user.name, topic }), member);
  return { results: {} };
};
