// Generated from protocol/operator/commands/export_account.json by `npm run generate`. Change it there, not here.

/** The parameters of export_account. */
export interface ExportAccountParameters {
  readonly user: string;
}

/** The results of export_account, in the order in which they are sent. */
export interface ExportAccountResults {
  /** how many lines were sent */
  readonly lines: number;
}
