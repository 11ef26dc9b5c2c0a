// A command that needs a room which it has joined gets the Member from the gates; what stands here is for the others.
import { refusal, type Refusal } from '../wire/refusal.js';

export { memberOf } from '../session/requester.js';

export function notInRoom(): Refusal {
  return refusal('not_in_room', 'this session has not joined that room');
}
