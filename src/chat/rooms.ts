// The rooms that somebody is in or about to enter, by key. Other rooms take no memory.
import type { Directory, DirectoryListener, NotOpened, RoomRecord, UserId } from '../store/directory.js';
import type { LogId, MessageLog, NewMessage } from '../store/log.js';
import { atOnce, type TakeTurn } from '../store/store.js';
import type { Name } from '../text/names.js';
import { onTheClock, type MakeDelay } from '../loop/deadline.js';
import { TurnEnd } from '../loop/turn-end.js';
import type { Payer } from '../turns/payer.js';
import { Announcer } from './announcer.js';
import type { AbsentMember, Attendance, AttendanceServices } from './attendance.js';
import { Entries, type MayEnter } from './entries.js';
import { Exits } from './exits.js';
import { Grace } from './grace.js';
import type { Member, MemberRoom, RoomView } from './member.js';
import { Presence, type RoomPresence } from './presence.js';
import { Room } from './room.js';

/** Whoever asks for a room. */
export interface Asker {
  /** Reads when it is the asker's turn. */
  readonly inTurn?: TakeTurn;
  /** Who pays for the room's creation. */
  readonly payer?: Payer;
}

/** The part of the store that rooms use. */
export interface RoomStore {
  readonly directory: Pick<Directory, 'openRoom' | 'watch'>;
  readonly log: Pick<MessageLog<NewMessage>, 'follow' | 'unfollow'>;
}

/** How the members of rooms are told who comes and goes. */
export interface PresenceOptions {
  /** As the setting `presence_limit`. By default there is none. */
  readonly presenceLimit?: () => number;
  /** As the setting `presence_grace_seconds`, in milliseconds. By default there is none. */
  readonly graceMilliseconds?: number;
  /** Measures the times. By default on the machine's clock. */
  readonly makeDelay?: MakeDelay;
}

/** A Room, or why it was not opened: see `Directory.openRoom`. */
export type Opened = Room | NotOpened;

/** Opens rooms, and drops them when nobody is in them. There is never more than one Room object for a room. */
export class Rooms implements Pick<DirectoryListener, 'roomChanged'> {
  /** Takes members out of their rooms. */
  readonly exits: Exits;
  readonly #store: RoomStore;
  readonly #rooms = new Map<string, Room>();
  #changes = 0;
  readonly #roomsByLog = new Map<LogId, Room>();
  readonly #opening = new Map<string, Promise<Opened>>();
  /** Records that changed while their rooms were being opened. */
  readonly #changed = new Map<string, RoomRecord>();
  /** How many joins wait for a room or keep it open. By key, because they wait before there is a Room. */
  readonly #awaited = new Map<string, number>();
  readonly #entries: Entries;
  readonly #attendance: AttendanceServices;

  /**
   * Watches the directory for changes of rooms from here on.
   * @param presence is told who is in which room
   * @param turnEnd does what concerns thousands, in parts
   */
  constructor(
    store: RoomStore,
    presence: RoomPresence = new Presence(),
    turnEnd = new TurnEnd(),
    { presenceLimit, graceMilliseconds = 0, makeDelay = onTheClock }: PresenceOptions = {},
  ) {
    this.#store = store;
    this.#entries = new Entries(turnEnd);
    this.exits = new Exits(turnEnd, (room) => this.#forgetEmpty(room));
    const ends = {
      over: (absent: AbsentMember) => this.exits.notBack(absent),
      settled: (all: readonly Attendance[]) => void turnEnd.each(all, (attendance) => attendance.settle()),
    };
    this.#attendance = {
      presence,
      announcer: new Announcer(turnEnd, presenceLimit, makeDelay),
      grace: new Grace(graceMilliseconds, ends, makeDelay),
    };
    store.directory.watch(this);
  }

  /** How many rooms somebody is in or about to enter. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Moves on when a room's record changes: what was read of rooms that are not here may be out of date. */
  get changes(): number {
    return this.#changes;
  }

  get(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  /** The room whose messages are in that log, if somebody is in it or about to enter. */
  ofLog(log: LogId): Room | undefined {
    return this.#roomsByLog.get(log);
  }

  /**
   * Waits until the room is opened, if it is being opened, and answers it, if somebody is in it or about to enter. An
   * eviction needs this: it finds a member only in an opened room. Never rejects.
   */
  async opened(key: string): Promise<Room | undefined> {
    await this.#opening.get(key)?.catch(() => undefined);
    return this.#rooms.get(key);
  }

  /**
   * Opens a room, as `Directory.openRoom` does, and keeps it open until `release`. Rejects as the store does.
   */
  async open(name: Name, creator: UserId | undefined, { inTurn = atOnce, payer }: Asker = {}): Promise<Opened> {
    const { key } = name;
    this.#awaited.set(key, (this.#awaited.get(key) ?? 0) + 1);
    let room: Opened | undefined;
    try {
      room =
        this.#here(key, creator) ??
        (await (creator === undefined ? this.#find(name, inTurn) : this.#load(name, creator, payer)));
      // Another join, which did not want to create the room, asked first.
      if (room === 'missing' && creator !== undefined) room = await this.#load(name, creator, payer);
      return room;
    } finally {
      if (!(room instanceof Room)) this.#stopAwaiting(key);
    }
  }

  /**
   * The room, if it is here. One that was deleted a moment ago, and that members are still leaving, is asked for at the
   * store, where its last owner may make it again.
   */
  #here(key: string, creator: UserId | undefined): Opened | undefined {
    const room = this.#rooms.get(key);
    if (room?.record.state !== 'deleted') return room;
    return creator === undefined ? 'missing' : undefined;
  }

  /**
   * Loads a room when it is the turn of whoever asks, unless it is loaded at the turn of another one before. The turn
   * waits for no commit, which `follow` may: a member with messages on their way is in its room, so the room is here.
   */
  async #find(name: Name, inTurn: TakeTurn): Promise<Opened> {
    const loading = (): Opened | Promise<Opened> | undefined =>
      this.#rooms.get(name.key) ?? this.#opening.get(name.key);
    // A room that is being created waits for a commit, which a turn must not do.
    const load = async (): Promise<Opened | undefined> =>
      loading() === undefined ? this.#load(name, undefined, undefined) : undefined;
    return loading() ?? (await inTurn(load)) ?? this.#rooms.get(name.key) ?? this.#load(name, undefined, undefined);
  }

  /** Joins that ask at the same time share the answer, and the Room. */
  #load(name: Name, creator: UserId | undefined, payer: Payer | undefined): Promise<Opened> {
    let opening = this.#opening.get(name.key);
    if (opening === undefined) {
      opening = this.#read(name, creator, payer);
      this.#opening.set(name.key, opening);
    }
    return opening;
  }

  async #read(name: Name, creator: UserId | undefined, payer: Payer | undefined): Promise<Opened> {
    try {
      const record = await this.#store.directory.openRoom(name, creator, payer);
      if (typeof record === 'string') return record;
      const present = this.#rooms.get(name.key);
      if (present !== undefined) {
        present.changed(record);
        return present;
      }
      const room = new Room(record, await this.#store.log.follow(record.id), this.#attendance);
      const change = this.#changed.get(name.key);
      if (change !== undefined) room.changed(change);
      // In the same step as the end of the opening: a join that asks before the answers arrive must find this Room.
      this.#rooms.set(name.key, room);
      this.#roomsByLog.set(record.id, room);
      return room;
    } finally {
      this.#opening.delete(name.key);
      this.#changed.delete(name.key);
    }
  }

  /**
   * Updates the cached record of a room, also of a room that is being opened: its record may have been read before the
   * change.
   */
  roomChanged(room: RoomRecord): void {
    this.#changes += 1;
    this.#rooms.get(room.key)?.changed(room);
    if (this.#opening.has(room.key)) this.#changed.set(room.key, room);
  }

  /** Reports that a join that opened the room has entered it, or has given up. */
  release(room: Room): void {
    this.#stopAwaiting(room.key);
    this.#forgetEmpty(room);
  }

  #stopAwaiting(key: string): void {
    const awaited = (this.#awaited.get(key) ?? 0) - 1;
    if (awaited > 0) this.#awaited.set(key, awaited);
    else this.#awaited.delete(key);
  }

  /** Has a member enter its room with the others that come in this turn: see `Entries.enter`. */
  enter(member: Member, mayEnter: MayEnter): Promise<RoomView | undefined> {
    return this.#entries.enter(member, mayEnter);
  }

  /** The members who stand for that user while it is absent from rooms (grace.ts). @param user its key */
  absentAs(user: string): readonly Member[] {
    return this.#attendance.grace.absentAs(user);
  }

  #forgetEmpty(room: MemberRoom): void {
    if (!room.isEmpty || this.#awaited.has(room.key) || this.#rooms.get(room.key) !== room) return;
    this.#rooms.delete(room.key);
    this.#roomsByLog.delete(room.log.id);
    this.#store.log.unfollow(room.log);
  }
}
