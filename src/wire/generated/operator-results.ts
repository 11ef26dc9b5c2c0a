// Generated from protocol/operator/commands/ by `npm run generate`. Change it there, not here.
import type { AnnounceResults } from './operator/announce.js';
import type { BackUpResults } from './operator/back_up.js';
import type { BanResults } from './operator/ban.js';
import type { CloseRoomResults } from './operator/close_room.js';
import type { CreateAccountResults } from './operator/create_account.js';
import type { DeleteAccountResults } from './operator/delete_account.js';
import type { DisableAccountResults } from './operator/disable_account.js';
import type { DrainResults } from './operator/drain.js';
import type { EnableAccountResults } from './operator/enable_account.js';
import type { FollowResults } from './operator/follow.js';
import type { HelpResults } from './operator/help.js';
import type { KickResults } from './operator/kick.js';
import type { ListAccountsResults } from './operator/list_accounts.js';
import type { ListBansResults } from './operator/list_bans.js';
import type { ListRoomsResults } from './operator/list_rooms.js';
import type { ListSessionsResults } from './operator/list_sessions.js';
import type { OpenRoomResults } from './operator/open_room.js';
import type { OwnRoomResults } from './operator/own_room.js';
import type { QuitResults } from './operator/quit.js';
import type { ReloadResults } from './operator/reload.js';
import type { ResetTimeResults } from './operator/reset_time.js';
import type { SetLogLevelResults } from './operator/set_log_level.js';
import type { SetPasswordResults } from './operator/set_password.js';
import type { ShowRoomResults } from './operator/show_room.js';
import type { StatusResults } from './operator/status.js';
import type { UnbanResults } from './operator/unban.js';

/** What each operator's command answers (wire/results.ts). */
export interface OperatorResults {
  readonly announce: AnnounceResults;
  readonly back_up: BackUpResults;
  readonly ban: BanResults;
  readonly close_room: CloseRoomResults;
  readonly create_account: CreateAccountResults;
  readonly delete_account: DeleteAccountResults;
  readonly disable_account: DisableAccountResults;
  readonly drain: DrainResults;
  readonly enable_account: EnableAccountResults;
  readonly follow: FollowResults;
  readonly help: HelpResults;
  readonly kick: KickResults;
  readonly list_accounts: ListAccountsResults;
  readonly list_bans: ListBansResults;
  readonly list_rooms: ListRoomsResults;
  readonly list_sessions: ListSessionsResults;
  readonly open_room: OpenRoomResults;
  readonly own_room: OwnRoomResults;
  readonly quit: QuitResults;
  readonly reload: ReloadResults;
  readonly reset_time: ResetTimeResults;
  readonly set_log_level: SetLogLevelResults;
  readonly set_password: SetPasswordResults;
  readonly show_room: ShowRoomResults;
  readonly status: StatusResults;
  readonly unban: UnbanResults;
}
