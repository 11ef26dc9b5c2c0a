// What is measured, in the order of the tables. `ours` is what the goals are about, a peer is another server, and the floor is what
// nobody who does more can beat.
import type { Kind } from './svg.js';

export const kinds = {
  salond: 'ours',
  'salond, relaxed': 'ours',
  'nats-server': 'peer',
  InspIRCd: 'peer',
  ngIRCd: 'peer',
  'bare relay': 'floor',
} as const satisfies Readonly<Record<string, Kind>>;

export type ServerName = keyof typeof kinds;

export const serverNames = Object.keys(kinds) as readonly ServerName[];

/** A figure of each server that was asked; null where it could not do it. */
export type ByServer<Figure> = Readonly<Partial<Record<ServerName, Figure | null>>>;

/** The peer whose figure is the best one, by a number of it. */
export function bestPeer<Figure>(
  figures: ByServer<Figure>,
  numberOf: (figure: Figure) => number,
  better: 'highest' | 'lowest' = 'highest',
): { readonly name: ServerName; readonly value: number } | undefined {
  const sign = better === 'highest' ? 1 : -1;
  return serverNames
    .flatMap((name) => {
      const figure = figures[name];
      return kinds[name] === 'peer' && figure != null ? [{ name, value: numberOf(figure) }] : [];
    })
    .sort((a, b) => sign * (b.value - a.value))[0];
}
