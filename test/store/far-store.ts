// A store whose database is far away and has other writers: the proof that the seam of the store (src/store) holds for
// an engine that many processes share. Several nodes, each a Store of its own, stand on one FarDatabase. Every way
// there and back takes a random time, other nodes' commits arrive late but in order, and at any moment the database may
// be away for one node: what was under way was stored or was lost, and the node finds out when it is back.
import type { Blocks } from '../../src/store/blocks.js';
import type { Batch, Committer, Jobs, Result } from '../../src/store/committer.js';
import type { Conversations } from '../../src/store/conversations.js';
import type { Directory, DirectoryListener } from '../../src/store/directory.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import type { FollowedLog, LogId, MessageLog, NewMessage } from '../../src/store/log.js';
import { MemoryBlocks } from '../../src/store/memory/blocks.js';
import { MemoryConversations } from '../../src/store/memory/conversations.js';
import { MemoryDirectory } from '../../src/store/memory/directory.js';
import { MemoryInvitations } from '../../src/store/memory/invitations.js';
import { MemoryErasures } from '../../src/store/memory/erasures.js';
import { MemoryLastSeen } from '../../src/store/memory/last-seen.js';
import { MemoryLog } from '../../src/store/memory/log.js';
import { MemorySearch } from '../../src/store/memory/search.js';
import { MemoryTokens } from '../../src/store/memory/tokens.js';
import { MemoryMemberships } from '../../src/store/memory/memberships.js';
import type { InvitationStore } from '../../src/store/invitations.js';
import type { MembershipStore } from '../../src/store/membership.js';
import { StoreAway, type Store } from '../../src/store/store.js';
import type { TokenStore } from '../../src/store/tokens.js';
import type { FarDatabase, Notice, Subscriber } from './far-database.js';

/** What becomes of the commit that is under way when a node loses the database. */
export type UnderWay = 'stored' | 'lost' | 'either';

/**
 * One node's connection to the database: there or away, and what others have committed that the node was not told of.
 */
class Link implements Subscriber {
  readonly database: FarDatabase;
  readonly followed = new Set<LogId>();
  readonly #take: (notice: Notice) => void;
  readonly #inbox: Notice[] = [];
  #isEmptying = false;
  #underWay: UnderWay = 'either';
  #back: Promise<void> | undefined;
  #comeBack = (): void => undefined;
  /** How often the database went away: a way during which it did is lost. */
  #losses = 0;

  constructor(database: FarDatabase, take: (notice: Notice) => void) {
    this.database = database;
    this.#take = take;
    database.subscribe(this);
  }

  get isAway(): boolean {
    return this.#back !== undefined;
  }

  goAway(underWay: UnderWay): void {
    if (this.isAway) return;
    this.#underWay = underWay;
    this.#losses += 1;
    this.#back = new Promise((resolve) => {
      this.#comeBack = resolve;
    });
  }

  comeBack(): void {
    this.#back = undefined;
    this.#comeBack();
    this.#emptySoon();
  }

  /** Fulfils when the database can be reached, which may be at once. */
  async untilBack(): Promise<void> {
    while (this.#back !== undefined) await this.#back;
  }

  /**
   * Asks the database for something that changes nothing. Rejects with StoreAway where it can't be reached meanwhile.
   */
  async ask<Answer>(question: () => Promise<Answer> | Answer): Promise<Answer> {
    const losses = this.#losses;
    const check = (): void => {
      if (this.isAway || this.#losses !== losses) throw new StoreAway('the database is away');
    };
    check();
    await this.database.delay();
    check();
    const answer = await question();
    await this.database.delay();
    check();
    return answer;
  }

  /** Commits until it is known to be stored. */
  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    for (;;) {
      await this.untilBack();
      const losses = this.#losses;
      const isCut = (): boolean => this.#losses !== losses && this.#isLost();
      await this.database.delay();
      if (isCut()) continue;
      const result = await this.database.commit(this, jobs, batch, time, isCut);
      if (result === undefined) continue;
      await this.database.delay();
      // The answer may be lost: then the node finds out when it is back.
      await this.untilBack();
      // All that others had committed before, and what came since.
      this.#empty();
      return result;
    }
  }

  #isLost(): boolean {
    return this.#underWay === 'lost' || (this.#underWay === 'either' && this.database.random.below(2) === 0);
  }

  notify(notices: readonly Notice[]): void {
    for (const notice of notices) {
      if (notice.kind !== 'messages' || this.followed.has(notice.messages.log)) this.#inbox.push(notice);
    }
    this.#emptySoon();
  }

  #emptySoon(): void {
    if (this.#isEmptying || this.#inbox.length === 0) return;
    this.#isEmptying = true;
    void this.database.delay().then(() => {
      this.#isEmptying = false;
      // What came last may be on its way still.
      if (!this.isAway) this.#empty(1 + this.database.random.below(this.#inbox.length));
      if (!this.isAway) this.#emptySoon();
    });
  }

  #empty(count = this.#inbox.length): void {
    for (const notice of this.#inbox.splice(0, count)) this.#take(notice);
  }

  close(): void {
    this.database.unsubscribe(this);
  }
}

/** The node's directory: reads go there and back, changes are commits, and listeners hear of every node's. */
class FarDirectory extends MemoryDirectory {
  readonly #link: Link;
  readonly #listeners: Partial<DirectoryListener>[] = [];

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override watch(listener: Partial<DirectoryListener>): void {
    super.watch(listener);
    this.#listeners.push(listener);
  }

  /** Tells of another node's change. */
  tell(notice: Exclude<Notice, { readonly kind: 'messages' }>): void {
    for (const listener of this.#listeners) {
      if (notice.kind === 'room') listener.roomChanged?.(notice.room);
      else if (notice.kind === 'removed') listener.removed?.(notice.room, notice.removal);
      else if (notice.kind === 'banned') listener.banned?.(notice.ban);
      else listener.unbanned?.(notice.target);
    }
  }

  override findRoom(...args: Parameters<Directory['findRoom']>): ReturnType<Directory['findRoom']> {
    return this.#link.ask(() => super.findRoom(...args));
  }

  override listRooms(...args: Parameters<Directory['listRooms']>): ReturnType<Directory['listRooms']> {
    return this.#link.ask(() => super.listRooms(...args));
  }

  override findUser(...args: Parameters<Directory['findUser']>): ReturnType<Directory['findUser']> {
    return this.#link.ask(() => super.findUser(...args));
  }

  override namesOf(...args: Parameters<Directory['namesOf']>): ReturnType<Directory['namesOf']> {
    return this.#link.ask(() => super.namesOf(...args));
  }

  override passwordHeads(): ReturnType<Directory['passwordHeads']> {
    return this.#link.ask(() => super.passwordHeads());
  }

  override isTaken(...args: Parameters<Directory['isTaken']>): ReturnType<Directory['isTaken']> {
    return this.#link.ask(() => super.isTaken(...args));
  }

  override listUsers(...args: Parameters<Directory['listUsers']>): ReturnType<Directory['listUsers']> {
    return this.#link.ask(() => super.listUsers(...args));
  }

  override listRoomBans(...args: Parameters<Directory['listRoomBans']>): ReturnType<Directory['listRoomBans']> {
    return this.#link.ask(() => super.listRoomBans(...args));
  }

  override roomsNaming(...args: Parameters<Directory['roomsNaming']>): ReturnType<Directory['roomsNaming']> {
    return this.#link.ask(() => super.roomsNaming(...args));
  }

  override unfinished(): ReturnType<Directory['unfinished']> {
    return this.#link.ask(() => super.unfinished());
  }

  override listBans(): ReturnType<Directory['listBans']> {
    return this.#link.ask(() => super.listBans());
  }
}

/** The node's tokens. */
class FarTokens extends MemoryTokens {
  readonly #link: Link;

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override find(...args: Parameters<TokenStore['find']>): ReturnType<TokenStore['find']> {
    return this.#link.ask(() => super.find(...args));
  }

  override list(...args: Parameters<TokenStore['list']>): ReturnType<TokenStore['list']> {
    return this.#link.ask(() => super.list(...args));
  }
}

/** The node's message log. */
class FarLog<Post extends NewMessage> extends MemoryLog<Post> {
  readonly #link: Link;
  readonly #commits: GroupCommit<Post>;

  constructor(link: Link, commits: GroupCommit<Post>) {
    super(link.database.data, commits);
    this.#link = link;
    this.#commits = commits;
  }

  override async follow(log: LogId): Promise<FollowedLog> {
    // Before the head is read: what others commit from then on comes.
    this.#link.followed.add(log);
    try {
      return await this.#commits.follow(log, () =>
        this.#link.ask(() => this.#link.database.data.messagesOf(log).length),
      );
    } catch (error) {
      this.#link.followed.delete(log);
      throw error;
    }
  }

  override unfollow(log: FollowedLog): void {
    this.#link.followed.delete(log.id);
    super.unfollow(log);
  }

  override head(log: LogId): Promise<number> {
    return this.#link.ask(() => super.head(log));
  }

  override readAfter(...args: Parameters<MessageLog<Post>['readAfter']>): ReturnType<MessageLog<Post>['readAfter']> {
    return this.#link.ask(() => super.readAfter(...args));
  }

  override readEach(...args: Parameters<MessageLog<Post>['readEach']>): ReturnType<MessageLog<Post>['readEach']> {
    return this.#link.ask(() => super.readEach(...args));
  }

  override firstSince(...args: Parameters<MessageLog<Post>['firstSince']>): ReturnType<MessageLog<Post>['firstSince']> {
    return this.#link.ask(() => super.firstSince(...args));
  }

  override findKeyed(...args: Parameters<MessageLog<Post>['findKeyed']>): ReturnType<MessageLog<Post>['findKeyed']> {
    return this.#link.ask(() => super.findKeyed(...args));
  }
}

/** The node's memberships: reads go there and back, changes are commits. */
class FarMemberships extends MemoryMemberships {
  readonly #link: Link;

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override find(...args: Parameters<MembershipStore['find']>): ReturnType<MembershipStore['find']> {
    return this.#link.ask(() => super.find(...args));
  }

  override countJoined(
    ...args: Parameters<MembershipStore['countJoined']>
  ): ReturnType<MembershipStore['countJoined']> {
    return this.#link.ask(() => super.countJoined(...args));
  }

  override listRooms(...args: Parameters<MembershipStore['listRooms']>): ReturnType<MembershipStore['listRooms']> {
    return this.#link.ask(() => super.listRooms(...args));
  }

  override listMembers(
    ...args: Parameters<MembershipStore['listMembers']>
  ): ReturnType<MembershipStore['listMembers']> {
    return this.#link.ask(() => super.listMembers(...args));
  }

  override oldest(...args: Parameters<MembershipStore['oldest']>): ReturnType<MembershipStore['oldest']> {
    return this.#link.ask(() => super.oldest(...args));
  }
}

/** The node's invitations: reads go there and back, changes are commits. */
class FarInvitations extends MemoryInvitations {
  readonly #link: Link;

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override find(...args: Parameters<InvitationStore['find']>): ReturnType<InvitationStore['find']> {
    return this.#link.ask(() => super.find(...args));
  }

  override list(...args: Parameters<InvitationStore['list']>): ReturnType<InvitationStore['list']> {
    return this.#link.ask(() => super.list(...args));
  }
}

/** The node's conversations: reads go there and back, changes are commits. */
class FarConversations extends MemoryConversations {
  readonly #link: Link;

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override find(...args: Parameters<Conversations['find']>): ReturnType<Conversations['find']> {
    return this.#link.ask(() => super.find(...args));
  }

  override list(...args: Parameters<Conversations['list']>): ReturnType<Conversations['list']> {
    return this.#link.ask(() => super.list(...args));
  }
}

/** Whom the node's users block. */
class FarBlocks extends MemoryBlocks {
  readonly #link: Link;

  constructor(link: Link, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    super(link.database.data, commits);
    this.#link = link;
  }

  override has(...args: Parameters<Blocks['has']>): ReturnType<Blocks['has']> {
    return this.#link.ask(() => super.has(...args));
  }

  override list(...args: Parameters<Blocks['list']>): ReturnType<Blocks['list']> {
    return this.#link.ask(() => super.list(...args));
  }
}

/** One node's store. */
export class FarStore<Post extends NewMessage = NewMessage> implements Store<Post> {
  readonly database: FarDatabase;
  readonly log: FarLog<Post>;
  readonly directory: FarDirectory;
  readonly conversations: FarConversations;
  readonly blocks: FarBlocks;
  readonly tokens: FarTokens;
  readonly memberships: FarMemberships;
  readonly invitations: FarInvitations;
  readonly lastSeen: MemoryLastSeen;
  readonly erasures: MemoryErasures;
  readonly search: MemorySearch;
  readonly #commits: GroupCommit<Post>;
  readonly #link: Link;

  /** @param wrap makes the committer that is used of the node's own, so that a test can let commits fail */
  constructor(database: FarDatabase, wrap = (committer: Committer): Committer => committer) {
    this.database = database;
    this.#link = new Link(database, (notice) => {
      if (notice.kind === 'messages') this.#commits.receive(notice.messages);
      else this.directory.tell(notice);
    });
    const committer: Committer = {
      commit: (jobs, batch, time) => this.#link.commit(jobs, batch, time),
      touch: async () => undefined,
      allowEarlier: () => this.#link.ask(() => database.allowEarlier()),
    };
    this.#commits = new GroupCommit<Post>(wrap(committer), database.data.newestTime);
    this.log = new FarLog(this.#link, this.#commits);
    this.directory = new FarDirectory(this.#link, this.#commits);
    this.conversations = new FarConversations(this.#link, this.#commits);
    this.blocks = new FarBlocks(this.#link, this.#commits);
    this.tokens = new FarTokens(this.#link, this.#commits);
    this.invitations = new FarInvitations(this.#link, this.#commits);
    this.memberships = new FarMemberships(this.#link, this.#commits);
    this.lastSeen = new MemoryLastSeen(database.data, this.#commits);
    this.erasures = new MemoryErasures(database.data, this.#commits);
    this.search = new MemorySearch(database.data);
  }

  get isAway(): boolean {
    return this.#link.isAway;
  }

  /** The database can't be reached from this node from here on. */
  goAway(underWay: UnderWay = 'either'): void {
    this.#link.goAway(underWay);
    this.#commits.setAway(new StoreAway('the database is away'));
  }

  comeBack(): void {
    if (!this.isAway) return;
    this.#link.comeBack();
    this.#commits.setAway(undefined);
  }

  /** Fulfils when all that was taken is stored and told. */
  async close(): Promise<void> {
    await this.#commits.close();
    this.#link.close();
  }
}
