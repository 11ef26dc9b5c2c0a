// Erases what deleted users wrote: the texts of their messages (erased-runs.ts), and their words elsewhere
// (erased-words.ts). `secure_delete` (open.ts) has SQLite overwrite what a row leaves behind in the database. What
// older data left there is overwritten once (free-pages.ts), and emptying the log takes away what is left there. The
// index of what was said is purged too.
import { setTimeout as sleep } from 'node:timers/promises';
import { unreached, type Erasures, type Unreached } from '../erasures.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage, UserId } from '../log.js';
import { Rounds } from '../rounds.js';
import { StoreBusy, StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';
import { background } from '../../turns/payer.js';
import type { Checkpoints } from './checkpoint.js';
import type { Statement } from './database.js';
import { ErasedNames } from './erased-names.js';
import { ErasedRuns } from './erased-runs.js';
import { ErasedWords, type ChangeRoom } from './erased-words.js';
import { ErasureList } from './erasure-list.js';
import { FreePages } from './free-pages.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import type { SqliteSearch } from './search.js';
import type { Write } from './write.js';

/** Milliseconds between two attempts to empty the log. */
const betweenAttempts = 20;
/** The most users that are answered as unfinished at a time. */
const mostUnfinished = 100;

/** What erasures work on and with. */
export interface ErasureServices {
  readonly checkpoints: Checkpoints;
  readonly commits: Pick<GroupCommit<NewMessage>, 'write' | 'probe'>;
  /** Changes the record of a room, and tells whoever has it. */
  readonly changeRoom: ChangeRoom;
  /** The data folder, in which the list of erasures is kept; none where the caller keeps it. */
  readonly folder?: string;
  /** What else has the texts, where there is an index of them. */
  readonly search?: Pick<SqliteSearch, 'purge' | 'runsOf' | 'distrust'>;
  /** Whether nobody else uses the database, so that there is no need to rest. */
  readonly isAlone?: boolean;
}

interface Parts {
  readonly list: Statement;
  readonly finish: Statement;
  readonly names: ErasedNames;
  readonly runs: ErasedRuns;
  readonly words: ErasedWords;
  readonly freePages: FreePages;
}

/** Erases in SQLite. The methods are those of `Erasures`. */
export class SqliteErasures implements Erasures {
  readonly #parts: Parts;
  readonly #services: ErasureServices;
  readonly #write: Write;
  readonly #ending: Ending;
  /** What the index has not followed yet is read whatever the users have written: those who go meanwhile share it. */
  readonly #erasing = new Rounds<UserId, Unreached>((users) => this.#erase(users));
  readonly #overwriting = new Rounds<undefined>(() => this.#overwrite());

  private constructor(parts: Parts, services: ErasureServices, write: Write, ending: Ending) {
    this.#parts = parts;
    this.#services = services;
    this.#write = write;
    this.#ending = ending;
  }

  static async prepare(connections: ReaderAndWriter, services: ErasureServices): Promise<SqliteErasures> {
    const { reader, writer } = connections;
    const ending = new Ending();
    const write: Write = (work) => {
      ending.check();
      return inBackground(services.commits, work);
    };
    const parts = {
      list: await reader.prepare(`SELECT user FROM erasures ORDER BY user LIMIT ${mostUnfinished}`),
      finish: await writer.prepare('DELETE FROM erasures WHERE user = ?'),
      names: await ErasedNames.prepare(connections),
      runs: await ErasedRuns.prepare(connections, {
        write,
        known: services.search,
        rests: services.isAlone !== true,
      }),
      words: await ErasedWords.prepare(connections, write, services.changeRoom),
      freePages: await FreePages.prepare(connections, write),
    };
    return new SqliteErasures(parts, services, write, ending);
  }

  unfinished(): Promise<readonly UserId[]> {
    return reading(async () => (await this.#parts.list.all()).map(({ user }) => Number(user)));
  }

  eraseTexts(user: UserId): Promise<Unreached> {
    return this.#ending.orUntil(this.#erasing.join(user));
  }

  /** Does all that is unfinished. Answers how many users that were. Rejects as `eraseTexts`. */
  async eraseAll(): Promise<number> {
    let count = 0;
    for (let users = await this.unfinished(); users.length > 0; users = await this.unfinished()) {
      await this.#erase(new Set(users));
      count += users.length;
    }
    return count;
  }

  overwritten(): Promise<void> {
    return this.#ending.orUntil(this.#overwriting.join(undefined));
  }

  stop(): void {
    this.#ending.begin();
  }

  async #overwrite(): Promise<void> {
    await this.#parts.freePages.overwrite();
    await this.#services.search?.purge(() => this.#ending.check());
    const emptied = this.#services.checkpoints.empty().then(() => true);
    // The log is emptied between two commits.
    for (let isEmpty = false; !isEmpty; ) {
      this.#ending.check();
      await this.#services.commits.probe();
      isEmpty = await Promise.race([emptied, sleep(betweenAttempts, false)]);
    }
  }

  async #erase(users: ReadonlySet<UserId>): Promise<Unreached> {
    const { runs, words, freePages, finish } = this.#parts;
    const damaged = await runs.erase(users);
    const bans = await words.eraseReasons(users);
    const rooms = await words.eraseTopics(users);
    // A restore and an import are made by a copy, without old free pages.
    if (this.#services.isAlone !== true) await freePages.overwrite();
    // Before it is kept as done: a process that ends here does it again.
    await this.keepInList();
    for (const user of users) await this.#write(() => finish.run(user));
    return unreached(damaged, bans, rooms);
  }

  /** Adds what the database knows of erased users to the list in the data folder, and mends a damaged one. */
  async keepInList(): Promise<void> {
    const { folder } = this.#services;
    if (folder === undefined) return;
    const hashes = await reading(() => this.#parts.names.all());
    try {
      const { list, isDamaged } = ErasureList.salvagedFrom(folder);
      const isNew = hashes.map((each) => list.add(each)).includes(true);
      if (isNew || isDamaged) list.writeTo(folder);
    } catch (error) {
      throw new StoreFailure(`the list of erasures can't be written: ${messageOf(error)}`);
    }
  }
}

/** Whether the process is about to end. */
class Ending {
  #hasBegun = false;
  #begin: () => void = () => undefined;
  readonly #begun = new Promise<void>((resolve) => {
    this.#begin = resolve;
  });

  begin(): void {
    this.#hasBegun = true;
    this.#begin();
  }

  /** Throws StoreFailure once it has begun. */
  check(): void {
    if (this.#hasBegun) throw stopped();
  }

  /** Settles as the work does, or rejects when it begins: a step that is under way may read for long. */
  orUntil<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.#begun.then(() => Promise.reject(stopped()))]);
  }
}

function stopped(): StoreFailure {
  return new StoreFailure('the daemon stops: the next start goes on');
}

/** Writes in the background. Where too many changes wait, it tries again. */
async function inBackground<Result>(commits: ErasureServices['commits'], work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await commits.write(work, background);
    } catch (error) {
      if (!(error instanceof StoreBusy)) throw error;
      await sleep(error.retryAfter);
    }
  }
}
