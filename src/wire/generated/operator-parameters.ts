// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
/** What each of the operator's commands is given. */
export interface OperatorParameters {
  readonly announce: { readonly text: string; };
  readonly back_up: object;
  readonly ban: { readonly target: string; readonly duration?: number | undefined; readonly reason?: string | undefined; };
  readonly close_room: { readonly room: string; readonly reason?: string | undefined; };
  readonly create_account: { readonly username: string; readonly first_name: string; readonly last_name: string; readonly password: string; };
  readonly delete_account: { readonly user: string; };
  readonly disable_account: { readonly user: string; };
  readonly drain: { readonly over?: number | undefined; };
  readonly enable_account: { readonly user: string; };
  readonly help: { readonly about?: string | undefined; };
  readonly kick: { readonly target: string; readonly reason?: string | undefined; };
  readonly list_accounts: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_bans: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_rooms: { readonly after?: string | undefined; readonly limit?: number | undefined; };
  readonly list_sessions: { readonly after?: number | undefined; readonly limit?: number | undefined; };
  readonly open_room: { readonly room: string; };
  readonly own_room: { readonly room: string; readonly user: string; };
  readonly quit: object;
  readonly reload: object;
  readonly reset_time: object;
  readonly set_log_level: { readonly level: string; };
  readonly set_password: { readonly user: string; readonly password: string; };
  readonly show_room: { readonly room: string; };
  readonly status: object;
  readonly unban: { readonly target: string; };
}

export type OperatorCommandName = keyof OperatorParameters;
