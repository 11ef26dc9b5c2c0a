// Generated from protocol/operator/commands/ by `npm run generate`. Change it there, not here.
import type { AnnounceParameters } from './operator/announce.js';
import type { BackUpParameters } from './operator/back_up.js';
import type { BanParameters } from './operator/ban.js';
import type { CloseRoomParameters } from './operator/close_room.js';
import type { CreateAccountParameters } from './operator/create_account.js';
import type { DeleteAccountParameters } from './operator/delete_account.js';
import type { DisableAccountParameters } from './operator/disable_account.js';
import type { DrainParameters } from './operator/drain.js';
import type { EnableAccountParameters } from './operator/enable_account.js';
import type { FollowParameters } from './operator/follow.js';
import type { HelpParameters } from './operator/help.js';
import type { KickParameters } from './operator/kick.js';
import type { ListAccountsParameters } from './operator/list_accounts.js';
import type { ListBansParameters } from './operator/list_bans.js';
import type { ListRoomsParameters } from './operator/list_rooms.js';
import type { ListSessionsParameters } from './operator/list_sessions.js';
import type { OpenRoomParameters } from './operator/open_room.js';
import type { OwnRoomParameters } from './operator/own_room.js';
import type { QuitParameters } from './operator/quit.js';
import type { ReloadParameters } from './operator/reload.js';
import type { ResetTimeParameters } from './operator/reset_time.js';
import type { SetLogLevelParameters } from './operator/set_log_level.js';
import type { SetPasswordParameters } from './operator/set_password.js';
import type { ShowRoomParameters } from './operator/show_room.js';
import type { StatusParameters } from './operator/status.js';
import type { UnbanParameters } from './operator/unban.js';

/** What the handler of each operator's command is given. */
export interface OperatorParameters {
  readonly announce: AnnounceParameters;
  readonly back_up: BackUpParameters;
  readonly ban: BanParameters;
  readonly close_room: CloseRoomParameters;
  readonly create_account: CreateAccountParameters;
  readonly delete_account: DeleteAccountParameters;
  readonly disable_account: DisableAccountParameters;
  readonly drain: DrainParameters;
  readonly enable_account: EnableAccountParameters;
  readonly follow: FollowParameters;
  readonly help: HelpParameters;
  readonly kick: KickParameters;
  readonly list_accounts: ListAccountsParameters;
  readonly list_bans: ListBansParameters;
  readonly list_rooms: ListRoomsParameters;
  readonly list_sessions: ListSessionsParameters;
  readonly open_room: OpenRoomParameters;
  readonly own_room: OwnRoomParameters;
  readonly quit: QuitParameters;
  readonly reload: ReloadParameters;
  readonly reset_time: ResetTimeParameters;
  readonly set_log_level: SetLogLevelParameters;
  readonly set_password: SetPasswordParameters;
  readonly show_room: ShowRoomParameters;
  readonly status: StatusParameters;
  readonly unban: UnbanParameters;
}

/** The name of any operator's command. */
export type OperatorCommandName = keyof OperatorParameters;
