// Maps the names of operators' commands to their functions, and makes their dispatcher.
import { dispatcher, type Dispatch } from '../session/dispatcher.js';
import { helpAbout } from '../session/help.js';
import type { OperatorCommandName } from '../wire/generated/operator-parameters.js';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import {
  createAccount,
  deleteAccount,
  disableAccount,
  enableAccount,
  eraseAccount,
  listAccounts,
  setPassword,
} from './accounts.js';
import { ban, listBans, unban } from './bans.js';
import { follow } from './feed.js';
import { createInvitation, deleteInvitation, listInvitations } from './invitations.js';
import { exportAccount } from './personal-data.js';
import {
  banFromRoom,
  deleteRoom,
  kickFromRoom,
  listRoomBans,
  setRoom,
  setRoomPassword,
  setRoomRole,
  unbanFromRoom,
} from './room-changes.js';
import { deleteMessage } from './messages.js';
import { closeRoom, listRooms, openRoom, ownRoom, showRoom } from './rooms.js';
import { backUp, drain, reload, resetTime, setLogLevel, status } from './service.js';
import type { OperatorSession } from './operator-session.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import { announce, kick, listSessions } from './sessions.js';
import { endTokens, listTokens } from './tokens.js';

/** Every command of protocol/operator: the compiler refuses a table that lacks one. */
const commands: { readonly [Name in OperatorCommandName]: OperatorCommand<Name> } = {
  status,
  list_sessions: listSessions,
  list_accounts: listAccounts,
  create_account: createAccount,
  set_password: setPassword,
  disable_account: disableAccount,
  enable_account: enableAccount,
  delete_account: deleteAccount,
  list_tokens: listTokens,
  end_tokens: endTokens,
  create_invitation: createInvitation,
  list_invitations: listInvitations,
  delete_invitation: deleteInvitation,
  erase_account: eraseAccount,
  export_account: exportAccount,
  list_rooms: listRooms,
  show_room: showRoom,
  own_room: ownRoom,
  close_room: closeRoom,
  open_room: openRoom,
  set_room: setRoom,
  set_room_password: setRoomPassword,
  set_room_role: setRoomRole,
  kick_from_room: kickFromRoom,
  ban_from_room: banFromRoom,
  unban_from_room: unbanFromRoom,
  list_room_bans: listRoomBans,
  delete_room: deleteRoom,
  delete_message: deleteMessage,
  announce,
  kick,
  ban,
  unban,
  list_bans: listBans,
  drain,
  reload,
  set_log_level: setLogLevel,
  reset_time: resetTime,
  back_up: backUp,
  follow,
  help: (_operator, { parameters: { about } }) => helpAbout(operatorSpecs, about),
  quit: (operator) => {
    operator.quitting = true;
    return { results: {} };
  },
};

/** The dispatcher of all operators' sessions. */
export function operatorDispatcher(services: OperatorServices): Dispatch<OperatorSession> {
  return dispatcher(operatorSpecs, commands, services, 'operators');
}
