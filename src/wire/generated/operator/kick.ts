// Generated from protocol/operator/commands/kick.json by `npm run generate`. Change it there, not here.

/** The parameters of kick. */
export interface KickParameters {
  readonly target: string;
  readonly reason?: string | undefined;
}

/** The results of kick, in the order in which they are sent. */
export interface KickResults {
  /** `user`, `address`, `network` or `session`: what the target was taken for */
  readonly kind: 'user' | 'address' | 'network' | 'session';
  /** the one that was meant */
  readonly target: string;
  /** what was asked for, where that was written otherwise */
  readonly asked?: string | undefined;
  /** how many sessions were ended */
  readonly sessions: number;
  /** how many rooms the user had to leave that kept its place although its connection was broken (`presence_grace_seconds`), where there were any */
  readonly places?: number | undefined;
}
