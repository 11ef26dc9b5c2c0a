// The one place that decides who may do what, by the role in a command's spec (code 12, PROTOCOL.md §2.5).
import type { RoomState } from '../store/directory.js';
import type { RequiredRole } from '../wire/spec.js';

/** What a decision depends on. Roles in the room will stand here too. */
export interface Circumstances {
  readonly registrationOpen: boolean;
  /** Undefined where the command names no room, or the room is not loaded yet. The command that loads it asks again. */
  readonly room: { readonly state: RoomState } | undefined;
}

/**
 * Says why a command that needs that role is not permitted, as a sentence for a person. Undefined where it is
 * permitted.
 */
export function whyNotPermitted(role: RequiredRole, { registrationOpen, room }: Circumstances): string | undefined {
  switch (role) {
    case 'registrant':
      return registrationOpen ? undefined : 'registration is closed: ask the operator';
    case 'entrant':
      return room?.state === 'closed' ? 'the room is closed' : undefined;
  }
}
