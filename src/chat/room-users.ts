// The users in a room, each once: counted by sessions, listed in the order in which they entered and in the order of
// their keys. A room of thousands is listed for every join, so the lists are kept up to date instead of made anew.
import { json } from '../text/json.js';
import { compareKeys } from '../text/names.js';
import { placeIn } from '../text/sorted.js';
import type { Author, UserId } from '../store/log.js';
import { EncodedNames, type EncodedPiece } from './encoded-names.js';

/** A user, as messages and rooms name it. */
export interface ChatUser extends Author {
  readonly key: string;
}

/** A room with more users keeps its lists. Below, making them costs less than the memory that they take. */
const indexedFrom = 64;

/** The most names in one piece of the list. A user who leaves makes its piece to be encoded again. */
const pieceNames = 64;

/** A part of the list of names. */
interface Piece {
  readonly names: Map<UserId, string>;
  /** Undefined after a name was taken out, until it is needed. */
  encoded: EncodedPiece | undefined;
}

/** A user in a room. */
interface RoomUser {
  readonly user: ChatUser;
  /** How many sessions of this process the user has in the room. */
  local: number;
  /** The piece that has the user's name. Undefined in a room without lists. */
  piece: Piece | undefined;
}

/** The lists of a room with many users. */
interface Index {
  readonly pieces: Set<Piece>;
  newest: Piece;
  /** By key, ascending. */
  readonly sorted: ChatUser[];
}

/** The users in a room. */
export class RoomUsers {
  readonly #users = new Map<UserId, RoomUser>();
  #index: Index | undefined;

  /** How many users there are. */
  get size(): number {
    return this.#users.size;
  }

  /** Adds a session of the user. True where it is the user's first one. */
  enter(user: ChatUser): boolean {
    const present = this.#users.get(user.id);
    if (present !== undefined) {
      present.local += 1;
      return false;
    }
    const entered: RoomUser = { user, local: 1, piece: undefined };
    this.#users.set(user.id, entered);
    if (this.#index !== undefined) addTo(this.#index, entered);
    else if (this.#users.size >= indexedFrom) this.#index = indexOf(this.#users.values());
    return true;
  }

  /** Removes a session of the user. True where it was the user's last one. */
  leave(id: UserId): boolean {
    const present = this.#users.get(id);
    if (present === undefined) return false;
    present.local -= 1;
    if (present.local > 0) return false;
    this.#users.delete(id);
    if (this.#index !== undefined) removeFrom(this.#index, present);
    return true;
  }

  /** How many sessions of the user are there. */
  sessionsOf(id: UserId): number {
    return this.#users.get(id)?.local ?? 0;
  }

  /** The users in the order in which they entered. */
  *inOrder(): Iterable<ChatUser> {
    for (const { user } of this.#users.values()) yield user;
  }

  /** The first users whose keys come after `key`, `limit` at most, in the order of the keys. */
  after(key: string, limit: number): readonly ChatUser[] {
    const sorted = this.#index?.sorted ?? [...this.inOrder()].sort((one, other) => compareKeys(one.key, other.key));
    let at = placeOf(sorted, key);
    if (sorted[at]?.key === key) at += 1;
    return sorted.slice(at, at + limit);
  }

  /** The names in the order in which the users entered, as they are now. */
  names(): EncodedNames {
    if (this.#index === undefined) {
      return new EncodedNames([encode(Array.from(this.inOrder(), ({ name }) => json(name)))]);
    }
    const pieces: EncodedPiece[] = [];
    let bytes = 0;
    for (const piece of this.#index.pieces) {
      piece.encoded ??= encode(piece.names.values());
      pieces.push(piece.encoded);
      bytes += piece.encoded.bytes;
      // No line takes more.
      if (bytes > EncodedNames.mostBytes) break;
    }
    return new EncodedNames(pieces);
  }
}

function indexOf(users: Iterable<RoomUser>): Index {
  const newest = newPiece();
  const index: Index = { pieces: new Set([newest]), newest, sorted: [] };
  for (const user of users) addTo(index, user);
  return index;
}

function newPiece(): Piece {
  return { names: new Map(), encoded: { text: '', bytes: 0 } };
}

function addTo(index: Index, entered: RoomUser): void {
  const { user } = entered;
  index.sorted.splice(placeOf(index.sorted, user.key), 0, user);
  if (index.newest.names.size >= pieceNames || !index.pieces.has(index.newest)) {
    index.newest = newPiece();
    index.pieces.add(index.newest);
  }
  const name = json(user.name);
  entered.piece = index.newest;
  index.newest.names.set(user.id, name);
  const { encoded } = index.newest;
  if (encoded !== undefined) index.newest.encoded = joined(encoded, name);
}

function removeFrom(index: Index, { user, piece }: RoomUser): void {
  index.sorted.splice(placeOf(index.sorted, user.key), 1);
  if (piece === undefined) return;
  piece.names.delete(user.id);
  piece.encoded = undefined;
  if (piece.names.size === 0) index.pieces.delete(piece);
}

/** The place of the first user whose key is not before this one. */
function placeOf(sorted: readonly ChatUser[], key: string): number {
  return placeIn(sorted, (user) => compareKeys(user.key, key));
}

function encode(names: Iterable<string>): EncodedPiece {
  let piece: EncodedPiece = { text: '', bytes: 0 };
  for (const name of names) piece = joined(piece, name);
  return piece;
}

function joined({ text, bytes }: EncodedPiece, name: string): EncodedPiece {
  return { text: text === '' ? name : `${text},${name}`, bytes: bytes + Buffer.byteLength(name) + 1 };
}
