// Plays one script over TCP: gathers the steps' lines, cuts their bytes where the script says, reads all that comes
// into the view, and comes back after a disconnect as a careful client does (PROTOCOL.md §4.3, §5.3, §5.4).
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../support/client.js';
import type { Chronicle } from './chronicle.js';
import type { Asked } from './asker.js';
import { badLine } from './bad-lines.js';
import { Requests } from './requests.js';
import { users, type Script, type Step } from './scenario.js';
import { View } from './view.js';

/** Far beyond what any reply takes: a reply that never comes is to be told from a slow machine. */
const patience = 30_000;

/** One client that plays a script, over one connection after another. */
export class Player {
  readonly #read = new Map<string, number>();
  #client: Client | undefined;
  #requests: Requests;
  #reading: Promise<void> = Promise.resolve();
  #gathered: Buffer[] = [];
  #cut = 0;
  #connections = 0;
  #ending = false;
  #waiting: (() => void) | undefined;
  #failure: Error | undefined;
  /** Keyed messages that were answered 16. */
  readonly #busy: Extract<Step, { readonly kind: 'say_keyed' }>[] = [];

  constructor(
    readonly script: Script,
    readonly port: number,
    readonly chronicle: Chronicle,
    readonly roomName: (room: number) => string,
    readonly mark: string,
  ) {
    this.#requests = this.#newRequests();
  }

  get requests(): Requests {
    return this.#requests;
  }

  get view(): View {
    return this.#requests.view;
  }

  #newRequests(): Requests {
    this.#connections += 1;
    const view = new View(users[this.script.user] ?? '', this.chronicle, this.#read);
    return new Requests(view, this.chronicle, this.roomName, `${this.mark}.${this.#connections}`);
  }

  async play(): Promise<void> {
    await this.#connect();
    await this.#insist((requests) => requests.logIn());
    for (const room of this.script.rooms) await this.#insist((requests) => requests.join({ room, after: 'none' }));
    for (const step of this.script.steps) {
      await this.#step(step);
      if (this.#failure !== undefined) break;
    }
    await this.wait();
    await this.#sayAgain();
  }

  /**
   * Asks what the next requests depend on. Where the store is away at times this waits for the answer, and asks again
   * after a 16.
   */
  async #insist(make: (requests: Requests) => Asked): Promise<void> {
    for (;;) {
      const asked = make(this.#requests);
      this.ask(asked);
      if (!this.chronicle.conditions.isAwayAtTimes) return;
      await this.wait();
      if (asked.expected?.isBusy !== true) return;
    }
  }

  /** Sends the keyed messages again that were answered 16, until they are answered otherwise (§5.3). */
  async #sayAgain(): Promise<void> {
    for (const step of this.#busy.splice(0)) await this.#insist((requests) => requests.sayKeyed(step));
  }

  async #connect(): Promise<void> {
    this.#ending = false;
    this.#client = await Client.connect(this.port);
    this.#reading = this.#readAll(this.#client, this.view);
  }

  async #readAll(client: Client, view: View): Promise<void> {
    let read = 0;
    try {
      for (;;) {
        const line = await client.next().catch(() => undefined);
        // Torn down: what came after is not read, as far as this client knows.
        if (client !== this.#client) return;
        if (line === undefined) break;
        read += 1;
        const [answered] = view.expected;
        view.take(line);
        if (answered?.isBusy === true && answered.again !== undefined) this.#busy.push(answered.again);
        if (view.expected.length === 0) this.#waiting?.();
      }
      if (!this.#ending) throw new Error('the connection was closed');
    } catch (error) {
      const lines = client.lines.slice(Math.max(0, read - 12), read).map(({ raw }) => raw.slice(0, 300));
      const where = `${this.mark} (${view.username}): ${String(error)}\nat the last of these lines:\n${lines.join('\n')}`;
      this.#failure ??= new Error(where, { cause: error });
      client.destroy();
    }
    this.#waiting?.();
  }

  async #step(step: Step): Promise<void> {
    const requests = this.#requests;
    switch (step.kind) {
      case 'join':
        return this.#insist((current) => current.join(step));
      case 'leave':
        return this.#insist((current) => current.leave(step.room));
      case 'say':
        for (let count = 0; count < step.times; count += 1) this.ask(requests.say(step));
        return;
      case 'say_keyed': {
        this.ask(requests.sayKeyed(step));
        return;
      }
      case 'history': {
        this.ask(requests.history(step));
        return;
      }
      case 'users': {
        this.ask(requests.users(step.room));
        return;
      }
      case 'log_out':
        return this.#insist((current) => current.logOut());
      case 'log_in':
        return this.#insist((current) => current.logIn());
      case 'ping': {
        this.ask(requests.ping());
        return;
      }
      case 'bad': {
        this.ask(badLine(requests, step.line));
        return;
      }
      case 'wait':
        return this.wait();
      case 'reconnect':
        return this.#reconnect(step.by);
      case 'pause':
        await this.#send();
        for (let count = 0; count < step.turns; count += 1) await turn();
        if (step.milliseconds > 0) await sleep(step.milliseconds);
    }
  }

  ask({ line, expected }: Asked): void {
    if (expected !== undefined) this.view.expected.push(expected);
    this.#gathered.push(Buffer.from(line), Buffer.from('\n'));
  }

  async #send(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered);
    this.#gathered = [];
    const { cuts } = this.script;
    for (let at = 0; at < bytes.length; ) {
      const size = cuts[this.#cut++ % cuts.length] ?? bytes.length;
      this.#client?.socket.write(bytes.subarray(at, at + size));
      at += size;
      // Some pieces travel alone, others together.
      if (size % 3 === 0) await turn();
    }
  }

  /** Sends what has gathered and fulfils when every reply has come. Rejects with the first thing that was wrong. */
  async wait(): Promise<void> {
    await this.#send();
    while (this.view.expected.length > 0 && this.#failure === undefined && this.#client !== undefined) {
      const timer = setTimeout(() => {
        this.#failure = new Error(`${this.mark}: no reply to ${this.view.expected[0]?.request}`);
        this.#waiting?.();
      }, patience);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      clearTimeout(timer);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(by: 'end' | 'destroy'): Promise<void> {
    this.#ending = true;
    const client = this.#client;
    if (by === 'destroy') {
      this.#client = undefined;
      client?.destroy();
      await client?.closed;
      this.#waiting?.();
      return;
    }
    // §1.4: every request that arrived is answered before the server closes.
    client?.end();
    await this.#reading;
    if (this.#failure === undefined && this.view.expected.length > 0) {
      this.#failure = new Error(`${this.mark}: closed before the reply to ${this.view.expected[0]?.request}`);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * In again with the greatest id read, and what was not answered said again: before the join and, if need be, after.
   */
  async #reconnect(by: 'end' | 'destroy'): Promise<void> {
    await this.#send();
    await this.close(by);
    const { standing, view } = this.#requests;
    const unanswered = view.expected.flatMap(({ again }) => again ?? []);
    this.#requests = this.#newRequests();
    await this.#connect();
    await this.#insist((requests) => requests.logIn());
    for (const step of unanswered) this.ask(this.#requests.sayKeyed(step));
    for (const room of standing.rooms) await this.#insist((requests) => requests.join({ room, after: 'read' }));
    for (const step of unanswered) this.ask(this.#requests.sayKeyed(step));
  }
}
