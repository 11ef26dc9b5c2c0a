// What all requests of the property test are made from: the line, its ref, and what its reply must be. A session's
// requests run in their order (PROTOCOL.md §3.1), so from what it has sent before most codes are known as the line is
// written.
import assert from 'node:assert/strict';
import type { Chronicle } from './chronicle.js';
import type { Expected, View } from './view.js';

/** What a session is after all the requests that were sent. */
export interface Standing {
  authenticated: boolean;
  /** By number. */
  readonly rooms: Set<number>;
}

export interface Asked {
  readonly line: string | Buffer;
  /** Undefined for a line that is ignored. */
  readonly expected: Expected | undefined;
}

/** What is known of a request besides its line and its check. */
export interface More extends Partial<Pick<Expected, 'replays' | 'again'>> {
  /** Called where the answer is 16: nothing was done. */
  readonly onBusy?: () => void;
}

export type Check = Expected['check'];

export function hasCode(...codes: readonly number[]): Check {
  return (reply) => assert.ok(codes.includes(reply.code), `${codes.join(' or ')} was expected: ${reply.raw}`);
}

/** Makes requests of one connection, and what holds of their replies. */
export class Asker {
  readonly standing: Standing = { authenticated: false, rooms: new Set() };
  /** Requests so far: the next one's ref, and what varies spellings and texts. */
  protected count = 0;

  /** @param mark makes this connection's texts its own */
  constructor(
    readonly view: View,
    readonly chronicle: Chronicle,
    readonly roomName: (room: number) => string,
    readonly mark: string,
  ) {}

  ask(request: object, check: Check, { onBusy, ...more }: More = {}): Asked {
    const ref = (this.count += 1);
    const line = JSON.stringify({ ...request, ref });
    return { line, expected: this.#expected(line, ref, check, onBusy, more) };
  }

  #expected(
    request: string,
    ref: number | undefined,
    check: Check,
    onBusy: (() => void) | undefined,
    more: Pick<Expected, 'replays' | 'again'> = {},
  ): Expected {
    const expected: Expected = {
      request,
      ref,
      past: [],
      isBusy: false,
      ...more,
      check: (reply, newestBefore) => {
        if (reply.code !== 16 || !this.chronicle.conditions.isAwayAtTimes) {
          check(reply, newestBefore);
          return;
        }
        assert.ok(Number(reply.body['retry_after']) > 0, 'a 16 says when to try again');
        expected.isBusy = true;
        this.chronicle.busyAnswers += 1;
        onBusy?.();
      },
    };
    return expected;
  }

  refused(request: object, ...codes: readonly number[]): Asked {
    return this.ask(request, hasCode(...codes));
  }

  /** A line that has no ref. */
  bare(line: string | Buffer, check: Check, onBusy?: () => void): Asked {
    this.count += 1;
    return { line, expected: this.#expected(line.toString('latin1').slice(0, 80), undefined, check, onBusy) };
  }

  /** The user's name, spelled in one of the ways that are the same (§5.5). */
  get username(): string {
    const { username } = this.view;
    return [username, username, username.toUpperCase(), username.normalize('NFD')][this.count % 4] ?? username;
  }
}
