// Generated from protocol/operator/commands/ by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../spec.js';
import { announce } from './operator/announce.js';
import { backUp } from './operator/back_up.js';
import { ban } from './operator/ban.js';
import { closeRoom } from './operator/close_room.js';
import { createAccount } from './operator/create_account.js';
import { deleteAccount } from './operator/delete_account.js';
import { disableAccount } from './operator/disable_account.js';
import { drain } from './operator/drain.js';
import { enableAccount } from './operator/enable_account.js';
import { follow } from './operator/follow.js';
import { help } from './operator/help.js';
import { kick } from './operator/kick.js';
import { listAccounts } from './operator/list_accounts.js';
import { listBans } from './operator/list_bans.js';
import { listRooms } from './operator/list_rooms.js';
import { listSessions } from './operator/list_sessions.js';
import { openRoom } from './operator/open_room.js';
import { ownRoom } from './operator/own_room.js';
import { quit } from './operator/quit.js';
import { reload } from './operator/reload.js';
import { resetTime } from './operator/reset_time.js';
import { setLogLevel } from './operator/set_log_level.js';
import { setPassword } from './operator/set_password.js';
import { showRoom } from './operator/show_room.js';
import { status } from './operator/status.js';
import { unban } from './operator/unban.js';
import type { OperatorCommandName } from './operator-parameters.js';

/** The spec of each operator's command. */
export const operatorSpecs: { readonly [Name in OperatorCommandName]: OperatorSpec } = {
  announce,
  back_up: backUp,
  ban,
  close_room: closeRoom,
  create_account: createAccount,
  delete_account: deleteAccount,
  disable_account: disableAccount,
  drain,
  enable_account: enableAccount,
  follow,
  help,
  kick,
  list_accounts: listAccounts,
  list_bans: listBans,
  list_rooms: listRooms,
  list_sessions: listSessions,
  open_room: openRoom,
  own_room: ownRoom,
  quit,
  reload,
  reset_time: resetTime,
  set_log_level: setLogLevel,
  set_password: setPassword,
  show_room: showRoom,
  status,
  unban,
};
