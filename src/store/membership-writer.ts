// Gathers changes of memberships, so that those who join or leave together cost the commit one step and not thousands.
import type { Payer } from '../turns/payer.js';
import type { GroupCommit } from './group-commit.js';
import type { NewMessage } from './log.js';
import type { MembershipChange, MembershipOutcome } from './membership.js';

/** The most changes of one step of a commit: two milliseconds. */
const mostTogether = 256;

/** A change that waits for its commit. */
interface Waiting {
  readonly change: MembershipChange;
  readonly payer: Payer;
  readonly done: (outcome: MembershipOutcome) => void;
  readonly failed: (error: unknown) => void;
}

/** Carries out changes within a commit, and answers the outcome of each. */
type Apply = (changes: readonly MembershipChange[]) => Promise<readonly MembershipOutcome[]>;

/**
 * Writes changes of memberships. Those that are asked for until the commit begins share a step. A session waits for its
 * change, so that no more wait than there are sessions.
 */
export class MembershipWriter {
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  readonly #apply: Apply;
  #waiting: Waiting[] = [];

  constructor(commits: Pick<GroupCommit<NewMessage>, 'write'>, apply: Apply) {
    this.#commits = commits;
    this.#apply = apply;
  }

  /** As `MembershipStore.change`. */
  async change(change: MembershipChange, payer: Payer | undefined): Promise<MembershipOutcome> {
    if (payer === undefined) return (await this.#commits.write(() => this.#apply([change])))[0] ?? 'none';
    return new Promise((done, failed) => {
      this.#waiting.push({ change, payer, done, failed });
      if (this.#waiting.length === 1) void this.#write(payer);
    });
  }

  /** Writes a step, on the account of the first who waits for it. */
  async #write(payer: Payer): Promise<void> {
    let taken: readonly Waiting[] | undefined;
    try {
      const outcomes = await this.#commits.write(() => {
        // A step that was undone is carried out again, with the same changes.
        taken ??= this.#take();
        return this.#apply(taken.map(({ change }) => change));
      }, payer);
      for (const [place, { done }] of (taken ?? []).entries()) done(outcomes[place] ?? 'none');
    } catch (error) {
      // Where the step never began, too much of this payer's address waits: the others go on.
      for (const { failed } of taken ?? this.#takeOf(payer)) failed(error);
      if (taken === undefined) this.#writeNext();
    }
  }

  #take(): readonly Waiting[] {
    const taken = this.#waiting.splice(0, mostTogether);
    this.#writeNext();
    return taken;
  }

  #takeOf({ payerAddress }: Payer): readonly Waiting[] {
    const taken = this.#waiting.filter(({ payer }) => payer.payerAddress === payerAddress);
    this.#waiting = this.#waiting.filter(({ payer }) => payer.payerAddress !== payerAddress);
    return taken;
  }

  #writeNext(): void {
    const [next] = this.#waiting;
    if (next !== undefined) void this.#write(next.payer);
  }
}
