// Who pays for what a request costs: the class, the address and the user by which those that wait take turns. Pure.

/** The classes among which the time of the event loop is shared, the first first. */
export type PayerClass = 'operator' | 'user' | 'guest';

/** Who pays for the time that a session's requests take. It changes when the session logs in or out. */
export interface Payer {
  readonly payerClass: PayerClass;
  /** The key under which the address is counted. */
  readonly payerAddress: string;
  /** The user's key; empty for a guest. */
  readonly payerUser: string;
}

/** Pays for what the server does in the background: it comes after everybody else. */
export const background: Payer = { payerClass: 'guest', payerAddress: '', payerUser: '' };
