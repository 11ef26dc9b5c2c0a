// Maps the names of clients' commands to their functions, and makes their dispatcher.
import { dispatcher, type Dispatch } from '../session/dispatcher.js';
import type { Session } from '../session/session.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import type { CommandName } from '../wire/generated/parameters.js';
import { accountCommands } from './groups/accounts.js';
import { conversationCommands } from './groups/conversations.js';
import { historyCommands } from './groups/history.js';
import { messageCommands } from './groups/messages.js';
import { moderationCommands } from './groups/moderation.js';
import { roomCommands } from './groups/rooms.js';
import { sessionCommands } from './groups/session.js';
import { tokenCommands } from './groups/tokens.js';
import { userCommands } from './groups/users.js';
import type { Command, Services } from './services.js';

/** Every command of protocol/commands: the compiler refuses a table that lacks one. */
const commands: { readonly [Name in CommandName]: Command<Name> } = {
  ...userCommands,
  ...accountCommands,
  ...tokenCommands,
  ...roomCommands,
  ...moderationCommands,
  ...messageCommands,
  ...historyCommands,
  ...conversationCommands,
  ...sessionCommands,
};

/** The dispatcher of all clients' sessions. */
export function clientDispatcher(services: Services): Dispatch<Session> {
  return dispatcher(commandSpecs, commands, services, 'clients');
}
