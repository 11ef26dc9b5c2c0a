// The store of one machine: SQLite in WAL mode, one connection that writes and one that reads. ../log.ts and
// ../directory.ts say what it promises, and ../group-commit.ts how batches gather.
import { dirname } from 'node:path';
import { GroupCommit } from '../group-commit.js';
import type { JobLimits } from '../group-commit-jobs.js';
import type { Durability, MessageLog, NewMessage } from '../log.js';
import type { Blocks } from '../blocks.js';
import type { Conversations } from '../conversations.js';
import type { Directory } from '../directory.js';
import type { Erasures } from '../erasures.js';
import type { Feed } from '../feed.js';
import type { InvitationStore } from '../invitations.js';
import type { LastSeen } from '../last-seen.js';
import type { MembershipStore } from '../membership.js';
import type { PersonalData } from '../personal-data.js';
import type { Store } from '../store.js';
import type { Search } from '../search.js';
import type { TokenStore } from '../tokens.js';
import { background } from '../../turns/payer.js';
import { Authors } from './authors.js';
import { SqliteBlocks } from './blocks.js';
import { Checkpoints } from './checkpoint.js';
import { SqliteCommitter } from './committer.js';
import { SqliteConversations } from './conversations.js';
import { Connections } from './connections.js';
import type { Database } from './database.js';
import { Deletions } from './deletions.js';
import { SqliteDirectory } from './directory.js';
import { EarlierTimes } from './earlier-times.js';
import type { ChangeRoom } from './erased-words.js';
import { SqliteErasures } from './erasures.js';
import { SqliteFeed } from './feed.js';
import { claimFolder } from './folder.js';
import { Heads } from './heads.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { SqliteInvitations } from './invitations.js';
import { SqliteLastSeen } from './last-seen.js';
import { SqliteLog } from './log.js';
import { SqliteTokens } from './tokens.js';
import { TokenRows } from './token-rows.js';
import { SqliteMemberships } from './memberships.js';
import type { ConversionReports } from './migrate.js';
import { NewestTimes } from './newest-times.js';
import { create } from './open.js';
import { SqlitePersonalData } from './personal-data.js';
import { SqliteSearch } from './search.js';
import { SomeMessages } from './some-messages.js';
import { Times } from './times.js';
import { Users } from './users.js';
import type { RowRules } from './values.js';
import { checkWal } from './wal.js';

/** The resources that a store closes at its end, in this order. */
interface Resources<Post extends NewMessage> {
  readonly commits: GroupCommit<Post>;
  readonly connections: Connections;
  readonly lock: Database;
  readonly search: SqliteSearch;
}

/** A store in a folder of its own, which one process uses at a time. */
export class SqliteStore<Post extends NewMessage> implements Store<Post> {
  readonly log: MessageLog<Post>;
  readonly directory: Directory;
  readonly tokens: TokenStore;
  readonly memberships: MembershipStore;
  readonly invitations: InvitationStore;
  readonly conversations: Conversations;
  readonly blocks: Blocks;
  readonly lastSeen: LastSeen;
  readonly erasures: Erasures;
  readonly feed: Feed;
  readonly personal: PersonalData;
  readonly search: Search;
  readonly #resources: Resources<Post>;

  private constructor(parts: Required<Omit<Store<Post>, 'close'>>, resources: Resources<Post>) {
    this.log = parts.log;
    this.directory = parts.directory;
    this.tokens = parts.tokens;
    this.memberships = parts.memberships;
    this.invitations = parts.invitations;
    this.conversations = parts.conversations;
    this.blocks = parts.blocks;
    this.lastSeen = parts.lastSeen;
    this.erasures = parts.erasures;
    this.feed = parts.feed;
    this.personal = parts.personal;
    this.search = parts.search;
    this.#resources = resources;
  }

  /**
   * Opens the data in `folder`, creating it where it is missing and bringing an older schema up to date. Rejects with
   * DataError, and leaves everything as it was, when the data is not salond's, too new, damaged, in use or not
   * writable. On a full disk the store can be read, and can write as soon as there is room.
   * @param rules checks rows beyond what the store itself can check
   * @param reports are told of a conversion of older data
   * @param limits how many changes of the directory a commit carries, and how many wait
   */
  static async open<Post extends NewMessage>(
    folder: string,
    durability: Durability = 'full',
    rules?: RowRules,
    reports?: ConversionReports,
    limits?: JobLimits,
  ): Promise<SqliteStore<Post>> {
    const { path, fresh, lock } = await claimFolder(folder);
    let connections: Connections | undefined;
    try {
      checkWal(path);
      if (fresh) await create(path);
      connections = await Connections.open(path, durability, rules, reports);
      return await SqliteStore.#over<Post>(path, durability, { connections, limits }, lock);
    } catch (error) {
      await connections?.close();
      await lock.close();
      throw error;
    }
  }

  static async #over<Post extends NewMessage>(
    path: string,
    durability: Durability,
    { connections, limits }: { readonly connections: Connections; readonly limits: JobLimits | undefined },
    lock: Database,
  ): Promise<SqliteStore<Post>> {
    const { writer, reader } = connections;
    const authors = await Authors.prepare(reader);
    const heads = await Heads.prepare(connections);
    const newestTimes = await NewestTimes.prepare(writer);
    const checkpoints = new Checkpoints(writer, reader);
    const earlier = new EarlierTimes(path, reader);
    const committer = await SqliteCommitter.prepare({
      writer,
      checkpoints,
      access: connections,
      heads,
      newestTimes,
      allowEarlier: () => earlier.allow(),
    });
    const commits = new GroupCommit<Post>(committer, await earlier.floor(), connections.lack, limits);
    const history = await History.prepare(reader, authors);
    const some = await SomeMessages.prepare(reader, authors);
    const [keys, times] = [await Keys.prepare(reader), await Times.prepare(reader)];
    const deletions = await Deletions.prepare(writer);
    const search = await SqliteSearch.prepare(dirname(path), connections, commits);
    const tokens = await TokenRows.prepare(connections);
    const users = await Users.prepare(connections);
    const directory = await SqliteDirectory.prepare(connections, authors, { users, tokens }, commits);
    const changeRoom: ChangeRoom = (id, change, version) => directory.changeRoom(id, change, version, background);
    const erasing = { checkpoints, commits, changeRoom, search, folder: dirname(path) };
    return new SqliteStore(
      {
        log: new SqliteLog(durability, commits, { heads, history, some, keys, times, deletions }),
        directory,
        tokens: new SqliteTokens(tokens, commits),
        memberships: await SqliteMemberships.prepare(connections, commits),
        invitations: await SqliteInvitations.prepare(connections, users, commits),
        conversations: await SqliteConversations.prepare(connections, commits, newestTimes),
        blocks: await SqliteBlocks.prepare(connections, commits),
        lastSeen: await SqliteLastSeen.prepare(connections, commits),
        erasures: await SqliteErasures.prepare(connections, erasing),
        feed: await SqliteFeed.prepare(connections, commits),
        personal: await SqlitePersonalData.prepare(reader),
        search,
      },
      { commits, connections, lock, search },
    );
  }

  /** Commits what was appended and tells the listener, then closes. Nothing may be called afterwards. */
  async close(): Promise<void> {
    const { commits, connections, lock, search } = this.#resources;
    await search.close();
    await commits.close();
    await connections.close();
    await lock.close();
  }
}
