// The store of one machine: SQLite in WAL mode, one connection that writes and one that reads. ../log.ts and
// ../directory.ts say what it promises, and ../group-commit.ts how batches gather.
import { GroupCommit } from '../group-commit.js';
import type { JobLimits } from '../group-commit-jobs.js';
import type { Durability, MessageLog, NewMessage } from '../log.js';
import type { Directory } from '../directory.js';
import type { Feed } from '../feed.js';
import type { Store } from '../store.js';
import { Authors } from './authors.js';
import { Checkpoints } from './checkpoint.js';
import { SqliteCommitter } from './committer.js';
import { Connections } from './connections.js';
import type { Database } from './database.js';
import { SqliteDirectory } from './directory.js';
import { EarlierTimes } from './earlier-times.js';
import { SqliteFeed } from './feed.js';
import { claimFolder } from './folder.js';
import { Heads } from './heads.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { SqliteLog } from './log.js';
import type { ConversionReports } from './migrate.js';
import { create } from './open.js';
import type { RowRules } from './values.js';
import { checkWal } from './wal.js';

/** The resources that a store closes at its end, in this order. */
interface Resources<Post extends NewMessage> {
  readonly commits: GroupCommit<Post>;
  readonly connections: Connections;
  readonly lock: Database;
}

/** A store in a folder of its own, which one process uses at a time. */
export class SqliteStore<Post extends NewMessage> implements Store<Post> {
  readonly log: MessageLog<Post>;
  readonly directory: Directory;
  readonly feed: Feed;
  readonly #resources: Resources<Post>;

  private constructor(log: MessageLog<Post>, directory: Directory, feed: Feed, resources: Resources<Post>) {
    this.log = log;
    this.directory = directory;
    this.feed = feed;
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
    const earlier = new EarlierTimes(path, reader);
    const committer = await SqliteCommitter.prepare({
      writer,
      checkpoints: new Checkpoints(writer, reader),
      access: connections,
      heads,
      allowEarlier: () => earlier.allow(),
    });
    const commits = new GroupCommit<Post>(committer, await earlier.floor(), connections.lack, limits);
    const history = await History.prepare(reader, authors);
    return new SqliteStore(
      new SqliteLog(durability, commits, { heads, history, keys: await Keys.prepare(reader) }),
      await SqliteDirectory.prepare(connections, authors, commits),
      await SqliteFeed.prepare(reader),
      { commits, connections, lock },
    );
  }

  /** Commits what was appended and tells the listener, then closes. Nothing may be called afterwards. */
  async close(): Promise<void> {
    const { commits, connections, lock } = this.#resources;
    await commits.close();
    await connections.close();
    await lock.close();
  }
}
