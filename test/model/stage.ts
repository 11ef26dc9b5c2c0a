// A stage runs scenarios: one daemon or more over one set of data, and everything else that changes that data
// meanwhile.
import type { Chronicle, Conditions, Message } from './chronicle.js';

export type StoredMessage = Message & { readonly id: number };
/** By folded room name, oldest first. */
export type Histories = Map<string, StoredMessage[]>;

/** A daemon that clients connect to. */
export interface Host {
  readonly port: number;
  /** How many connections are open, by the daemon's log. */
  connections(): number;
}

/** Ends what happens beside the players. When it fulfils, all of that is stored. */
export type EndDisturbance = () => Promise<void>;

/** The daemons, their data, and what happens to it beside the players. */
export interface Stage {
  readonly hosts: readonly [Host, ...Host[]];
  readonly conditions: Conditions;
  /** Begins what happens beside the players in the rooms of those names. */
  disturb(rooms: readonly string[], chronicle: Chronicle): EndDisturbance;
  /** Stops the daemons, and reads what is stored of these rooms. Throws unless all went well inside. */
  end(rooms: Iterable<string>): Promise<Histories>;
}
