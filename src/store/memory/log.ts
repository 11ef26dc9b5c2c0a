// The message log of the memory store.
import type { Batch, Committer, Jobs, Result } from '../committer.js';
import { GroupCommitLog } from '../group-commit-log.js';
import type { GroupCommit } from '../group-commit.js';
import type { Target, Targets } from '../judge.js';
import type { Deletion, KeyedMessage, LogId, MessageLog, NewMessage, Page, UserId } from '../log.js';
import { numberBatch } from '../numbering.js';
import { StoreFailure } from '../store.js';
import { textAt } from '../texts.js';
import type { MemoryData } from './data.js';

/** Stores batches in memory. A job that fails must have changed nothing: nothing is undone here. */
export class MemoryCommitter implements Committer {
  readonly #data: MemoryData;

  constructor(data: MemoryData) {
    this.#data = data;
  }

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    const failures = new Map<number, StoreFailure>();
    let place = 0;
    for (const job of jobs) {
      await job().catch((error: unknown) => {
        if (!(error instanceof StoreFailure)) throw error;
        failures.set(place, error);
      });
      place += 1;
    }
    const headOf = (log: LogId): number => this.#data.messagesOf(log).length;
    const erasedOf = (log: LogId): number => this.#data.erasedOf(log);
    const referred = { targets: this.#findTargets(batch), erasedOf };
    const numbering = numberBatch(batch, time, headOf, this.#findKnown(batch), referred);
    const { logs, authors, texts, kinds, about, keys } = batch;
    for (const [place, outcome] of numbering.outcomes.entries()) {
      const [log, author, kind] = [logs[place], authors[place], kinds[place]];
      if (outcome !== 'stored' || log === undefined || author === undefined || kind === undefined) continue;
      const text = textAt(texts, place);
      this.#data.add(log, { author, text, kind, about: about[place] ?? 0, key: keys[place], time });
    }
    return { ...numbering, failures };
  }

  async touch(): Promise<void> {}

  async allowEarlier(): Promise<void> {}

  #findKnown({ logs, authors, keys, isKeyed }: Batch): ReadonlyMap<number, KeyedMessage> {
    const known = new Map<number, KeyedMessage>();
    if (!isKeyed) return known;
    for (const [place, key] of keys.entries()) {
      const [log, author] = [logs[place], authors[place]];
      if (key === undefined || log === undefined || author === undefined) continue;
      const message = this.#data.findKeyed(log, author.id, key);
      if (message !== undefined) known.set(place, message);
    }
    return known;
  }

  #findTargets({ logs, kinds, about, refers }: Batch): Targets {
    const targets = new Map<number, Target>();
    if (!refers) return targets;
    for (const [place, kind] of kinds.entries()) {
      const [log = 0, id = 0] = [logs[place], about[place]];
      const found = kind === 'edit' ? this.#data.messagesOf(log)[id - 1] : undefined;
      if (found === undefined) continue;
      const { author, text } = found;
      const edits = this.#data.editsOf(log, id).length;
      targets.set(place, { author: author.id, kind: found.kind, isDeleted: text === '', edits });
    }
    return targets;
  }
}

/** The messages of a memory store. */
export class MemoryLog<Post extends NewMessage> extends GroupCommitLog<Post> {
  readonly #data: MemoryData;

  constructor(data: MemoryData, commits: GroupCommit<Post>) {
    super('full', commits);
    this.#data = data;
  }

  override async readAfter(log: LogId, after: number, upTo: number, limit: number, maxBytes = Infinity): Promise<Page> {
    const newest = Math.min(upTo, this.readHead(log));
    const begin = Math.min(newest, Math.max(after, this.#data.erasedOf(log)));
    const end = this.#data.endOfPart(log, begin, Math.min(newest, begin + limit), maxBytes);
    const edited = new Map<number, number>();
    for (const { id, kind, about, text } of this.#data.messagesOf(log)) {
      if (kind === 'edit' && text !== '' && about > begin && about <= end) edited.set(about, id);
    }
    return { messages: this.#data.pieces(log, begin, end), edited, more: end < newest };
  }

  override async readEach(log: LogId, ids: readonly number[]): Promise<Page> {
    const erased = this.#data.erasedOf(log);
    const kept = ids.filter((id) => id > erased && id <= this.readHead(log));
    const edited = new Map<number, number>();
    for (const id of kept) {
      const newest = this.#data.editsOf(log, id).at(-1);
      if (newest !== undefined) edited.set(id, newest.id);
    }
    return { messages: kept.flatMap((id) => this.#data.pieces(log, id - 1, id)), edited, more: false };
  }

  override deleteMessage(
    ...[log, id, mayDelete, payer]: Parameters<MessageLog<Post>['deleteMessage']>
  ): Promise<Deletion> {
    return this.commits.write(
      async () => this.#data.deleteMessage(log, id, this.#data.erasedOf(log), mayDelete),
      payer,
    );
  }

  override async firstSince(log: LogId, time: number): Promise<number> {
    const messages = this.#data.messagesOf(log);
    const erased = this.#data.erasedOf(log);
    return messages.find((message) => message.id > erased && message.time >= time)?.id ?? messages.length + 1;
  }

  override async findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined> {
    const found = this.#data.findKeyed(log, author, key);
    return found && { id: found.id, text: found.text, kind: found.kind, about: found.about };
  }

  protected override readHead(log: LogId): number {
    return this.#data.messagesOf(log).length;
  }
}
