// The commands by which owners and moderators keep a room.
import { setRole } from '../set_role.js';
import { setTopic } from '../set_topic.js';

/** Maps their names to their functions. */
export const moderationCommands = {
  set_topic: setTopic,
  set_role: setRole,
} as const;
