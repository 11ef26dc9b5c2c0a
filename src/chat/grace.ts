// The grace of those whose connection broke (`presence_grace_seconds`): whoever is back within it has never left its
// rooms. Until then the user is absent: still in the room for lists, counts and the other members. One deadline serves
// all of them. For as long after the daemon's start, members who come back are not announced.
import { onTheClock, type Delay, type MakeDelay } from '../loop/deadline.js';
import { MultiMap } from './multi-map.js';

/**
 * The most users who are absent from rooms, each room counted. Beyond that leaving is told at once. An absence takes
 * about 400 bytes, or 2,600 where the room is kept for it alone.
 */
const mostAbsent = 20_000;

/** Stands for a user's sessions in a room while the user may come back. */
export interface Absent {
  readonly user: { readonly key: string };
}

/** What happens at the ends of graces. */
export interface GraceEnds<Member extends Absent, Room> {
  /** The user did not come back. */
  readonly over: (absent: Member) => void;
  /** These rooms may announce those who came back after the start. */
  readonly settled: (rooms: readonly Room[]) => void;
}

/** Knows who is absent from which rooms. */
export class Grace<Member extends Absent, Room> {
  readonly #milliseconds: number;
  readonly #delay: Delay<Member>;
  readonly #byUser = new MultiMap<string, Member>();
  #count = 0;
  /** The rooms that have announcements to make when the grace after the start is over; undefined from then on. */
  #starting: Set<Room> | undefined;

  /** @param milliseconds 0 for no grace */
  constructor(milliseconds: number, { over, settled }: GraceEnds<Member, Room>, makeDelay: MakeDelay = onTheClock) {
    this.#milliseconds = milliseconds;
    this.#delay = makeDelay(milliseconds, (absent: Member) => over(absent));
    if (milliseconds === 0) return;
    const starting = new Set<Room>();
    this.#starting = starting;
    makeDelay(milliseconds, () => {
      this.#starting = undefined;
      settled([...starting]);
    }).start(starting);
  }

  /** Whether the grace after the daemon's start still runs. */
  get isStarting(): boolean {
    return this.#starting !== undefined;
  }

  /** Has the room announce at the end of the grace after the start who came back until then. */
  settleLater(room: Room): void {
    this.#starting?.add(room);
  }

  /** Begins an absence. False where there is no grace, or too many are absent. */
  begin(absent: Member): boolean {
    if (this.#milliseconds === 0 || this.#count >= mostAbsent) return false;
    this.#count += 1;
    this.#byUser.add(absent.user.key, absent);
    this.#delay.start(absent);
    return true;
  }

  /** Ends an absence: the user came back, or has left. To be called once for each that has begun. */
  end(absent: Member): void {
    this.#count -= 1;
    this.#byUser.delete(absent.user.key, absent);
    this.#delay.cancel(absent);
  }

  /** Those who stand for that user while it is absent. @param user its key */
  absentAs(user: string): readonly Member[] {
    return this.#byUser.get(user);
  }
}
