// Tells the members of rooms who came and went, once at the end of each turn of the event loop: many users may come and
// go in one turn, and each of them would have to be told to thousands.

/** A room with news. */
interface Announcing {
  /** Who is told. */
  readonly members: ReadonlySet<unknown>;
  /** Tells all members the news that they have not been told. */
  tellNews(): void;
}

/** The most members who are told in one turn. A room is never divided. */
const membersPerTurn = 4096;

/** Has rooms tell their news. One announcer serves all rooms. */
export class Announcer {
  readonly #waiting = new Set<Announcing>();

  /** Has the room tell its news at the end of this turn, or of a later one where many rooms have news. */
  schedule(room: Announcing): void {
    this.#waiting.add(room);
    if (this.#waiting.size === 1) setImmediate(this.#tell);
  }

  readonly #tell = (): void => {
    let left = membersPerTurn;
    for (const room of this.#waiting) {
      if (left <= 0) break;
      this.#waiting.delete(room);
      left -= room.members.size + 1;
      room.tellNews();
    }
    if (this.#waiting.size > 0) setImmediate(this.#tell);
  };
}
