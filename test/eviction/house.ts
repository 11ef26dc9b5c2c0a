// Everything between the listener and the store in this process, over real connections: what the store does waits when a test says so, so
// that a session can be met in any state, and stays there.
import t from 'tap';
import { assemble } from '../../src/daemon/assemble.js';
import { deliver, refuse } from '../../src/chat/delivery.js';
import type { Evictions } from '../../src/chat/eviction.js';
import type { Post } from '../../src/chat/post.js';
import type { FrontDoor } from '../../src/net/front-door.js';
import { lineServer, listen } from '../../src/net/listener.js';
import type { OperatorServices } from '../../src/operator/services.js';
import { commands } from '../../src/operator/table.js';
import { createLog } from '../../src/ops/log.js';
import { LiveSettings } from '../../src/ops/settings/live.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { Session, type Output } from '../../src/session/session.js';
import { MemoryStore } from '../../src/store/memory.js';
import { StoreFailure, type Page, type RoomLog, type User } from '../../src/store/store.js';
import type { OperatorCommandName } from '../../src/wire/generated/operator-parameters.js';
import { Client } from '../support/client.js';
import { cheapPasswords } from '../support/daemon.js';

/**
 * What can be made to wait: commits, pages of a room's past, looking a user up, which is what a login begins and ends with, and a room that
 * was read and is about to be opened.
 */
export type Gate = 'commit' | 'page' | 'user' | 'room';

export class GatedStore extends MemoryStore<Post> {
  /** The same store for operators, who wait for no user. */
  readonly ungated: MemoryStore<Post> = new Proxy(this, {
    get: (store, name) => {
      const method: unknown = Reflect.get(name === 'findUser' ? MemoryStore.prototype : store, name);
      return typeof method === 'function' ? (method as (...args: unknown[]) => unknown).bind(store) : method;
    },
  });
  readonly #gates = new Map<Gate, { readonly passed: Promise<void>; readonly open: () => void }>();
  /** How many wait at each gate, and how often one has been passed. */
  readonly waiting = { commit: 0, page: 0, user: 0, room: 0 };
  readonly passed = { commit: 0, page: 0, user: 0, room: 0 };
  /** Whether commits fail, as on a full disk. */
  fails = false;
  appended = 0;

  hold(gate: Gate): void {
    if (this.#gates.has(gate)) return;
    let open = (): void => undefined;
    const passed = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#gates.set(gate, { passed, open });
  }

  release(gate: Gate): void {
    this.#gates.get(gate)?.open();
    this.#gates.delete(gate);
  }

  /** Lets those who wait now pass, and holds the next. */
  step(gate: Gate): void {
    if (!this.#gates.has(gate)) return;
    this.release(gate);
    this.hold(gate);
  }

  async #pass(gate: Gate): Promise<void> {
    this.waiting[gate] += 1;
    await this.#gates.get(gate)?.passed;
    this.waiting[gate] -= 1;
    this.passed[gate] += 1;
  }

  override append(entry: Post): boolean {
    this.appended += 1;
    return super.append(entry);
  }

  override async commit(...args: Parameters<MemoryStore<Post>['commit']>): ReturnType<MemoryStore<Post>['commit']> {
    await this.#pass('commit');
    if (this.fails && args[1].length > 0) throw new StoreFailure('the disk is full');
    return super.commit(...args);
  }

  override async readAfter(log: RoomLog, after: number, upTo: number, limit: number): Promise<Page> {
    await this.#pass('page');
    return super.readAfter(log, after, upTo, limit);
  }

  override async readBefore(log: RoomLog, before: number, limit: number): Promise<Page> {
    await this.#pass('page');
    return super.readBefore(log, before, limit);
  }

  override async openRoom(
    ...args: Parameters<MemoryStore<Post>['openRoom']>
  ): ReturnType<MemoryStore<Post>['openRoom']> {
    const log = await super.openRoom(...args);
    await this.#pass('room');
    return log;
  }

  override async findUser(key: string): Promise<User | undefined> {
    await this.#pass('user');
    return super.findUser(key);
  }
}

/** The part of tap's test that is needed here. */
interface Teardown {
  teardown(end: () => unknown): void;
}

export interface House {
  readonly store: GatedStore;
  readonly door: FrontDoor;
  readonly evictions: Evictions;
  readonly services: OperatorServices;
  /** Carries out an operator's command, and answers its results, or its refusal. */
  readonly operate: (command: OperatorCommandName, parameters: object) => Promise<Readonly<Record<string, unknown>>>;
  readonly connect: () => Promise<Client>;
  /** A client that has logged in, and the number of its session. */
  readonly enter: (username: string, ...rooms: readonly string[]) => Promise<Client>;
  /** Fulfils when it holds. Rejects when it does not within ten seconds. */
  readonly until: (holds: () => boolean, what: string) => Promise<void>;
}

const noAnswer: Output = { reply: () => undefined, event: () => undefined, drained: () => Promise.resolve() };

export async function startHouse(test: Teardown, env: Readonly<Record<string, string>> = {}): Promise<House> {
  const asked = invocation([], { ...cheapPasswords, SALOND_CONNECTIONS_PER_MINUTE: '100000', ...env }, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  const store = new GatedStore();
  store.listen({
    committed: (posts, time) => deliver(posts, time),
    failed: (posts) => refuse(posts),
    broken: (error) => t.fail(error.message),
  });
  const log = createLog('silent');
  const audit = { write: () => undefined };
  const daemon = {
    status: () => Promise.resolve({}),
    drain: () => ({ sessions: 0, changed: false }),
    reload: () => ({ problem: '' }),
    setLogLevel: () => false,
    backUp: () => Promise.resolve({ bytes: 0, sha256: '' }),
    resetTime: () => Promise.resolve(0),
  };
  const {
    door,
    services: { accounts, bans, rooms, evictions },
  } = (await assemble(new LiveSettings(asked.settings), store, log, audit, 'test'))(daemon);
  const listener = await listen(
    { host: '127.0.0.1', port: 0, addresses: ['127.0.0.1'] },
    lineServer((socket) => door.enter(socket)),
  );
  const port = Number(listener.addresses[0]?.split(':').at(-1));
  const clients: Client[] = [];
  test.teardown(() => {
    for (const client of clients) client.destroy();
    for (const gate of ['commit', 'page', 'user', 'room'] as const) store.release(gate);
    listener.close();
  });
  const services: OperatorServices = {
    store: store.ungated,
    accounts,
    bans,
    rooms,
    evictions,
    log,
    audit,
    daemon,
    sessions: function* sessions() {
      for (const { session } of door.connections.keys()) if (session instanceof Session && !session.gone) yield session;
    },
  };
  const operate: House['operate'] = async (command, parameters) => {
    const answer = (await (commands[command] as (its: object, services: OperatorServices, output: Output) => unknown)(
      parameters,
      services,
      noAnswer,
    )) as { readonly results?: Readonly<Record<string, unknown>> };
    return answer.results ?? answer;
  };
  const connect: House['connect'] = async () => {
    const client = await Client.connect(port);
    clients.push(client);
    return client;
  };
  const until: House['until'] = async (holds, what) => {
    for (const end = performance.now() + 10_000; !holds();) {
      if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
    }
  };
  return {
    store,
    door,
    evictions,
    services,
    operate,
    connect,
    until,
    enter: async (username, ...rooms) => (await connect()).enter(username, ...rooms),
  };
}

/** Some turns of the event loop: what was sent before has come, unless it waits. */
export async function quiet(milliseconds = 50): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
