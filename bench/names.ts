// The names of the servers that are measured, in the order of the tables.
import type { Kind } from './svg.js';

/**
 * Each server's kind. The goals are about `ours`; a `peer` is another server; the `floor` does so little that no server
 * can beat it.
 */
export const kinds = {
  salond: 'ours',
  'salond, relaxed': 'ours',
  'nats-server': 'peer',
  InspIRCd: 'peer',
  ngIRCd: 'peer',
  'bare relay': 'floor',
} as const satisfies Readonly<Record<string, Kind>>;

/** A server that is measured. */
export type ServerName = keyof typeof kinds;

/** All servers, in the order of the tables. */
export const serverNames = Object.keys(kinds) as readonly ServerName[];

/** A figure of each server that was measured; null if it could not do it. */
export type ByServer<Figure> = Readonly<Partial<Record<ServerName, Figure | null>>>;

/** The peer with the best figure, compared by `numberOf`. Undefined if no peer was measured. */
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
