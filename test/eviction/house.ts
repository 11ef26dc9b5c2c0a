// Everything between the listener and the store in this process, over real connections: what the store does waits when a test says so, so
// that a session can be met in any state, and stays there.
import { assemble } from '../../src/daemon/assemble.js';
import type { Evictions } from '../../src/chat/eviction.js';
import type { Post } from '../../src/chat/post.js';
import type { FrontDoor } from '../../src/net/front-door.js';
import { lineServer, listen } from '../../src/net/listener.js';
import type { OperatorServices } from '../../src/operator/services.js';
import { commands } from '../../src/operator/table.js';
import type { Counters } from '../../src/metrics/counters.js';
import { createLog } from '../../src/ops/log.js';
import { LiveSettings } from '../../src/ops/settings/live.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { Session, type Output } from '../../src/session/session.js';
import type { Directory, UserRecord } from '../../src/store/directory.js';
import type { Page, Taken } from '../../src/store/log.js';
import { MemoryDirectory } from '../../src/store/memory/directory.js';
import { MemoryLog } from '../../src/store/memory/log.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import type { OperatorCommandName } from '../../src/wire/generated/operator-parameters.js';
import { Client } from '../support/client.js';
import { cheapPasswords } from '../support/daemon.js';

/**
 * What can be made to wait: commits, pages of a room's past, looking a user up, which is what a login begins and ends with, and a room that
 * was read and is about to be opened.
 */
export type Gate = 'commit' | 'page' | 'user' | 'room';

/** What waits at which gate, and the words of the tests to let it pass. */
class Gates {
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

  async pass(gate: Gate): Promise<void> {
    this.waiting[gate] += 1;
    await this.#gates.get(gate)?.passed;
    this.waiting[gate] -= 1;
    this.passed[gate] += 1;
  }
}

class GatedLog extends MemoryLog<Post> {
  constructor(
    { data, commits }: MemoryStore<Post>,
    readonly gates: Gates,
  ) {
    super(data, commits);
  }

  override append(post: Post): Taken {
    this.gates.appended += 1;
    return super.append(post);
  }

  override async readAfter(...asked: Parameters<MemoryLog<Post>['readAfter']>): Promise<Page> {
    await this.gates.pass('page');
    return super.readAfter(...asked);
  }

  override async readBefore(...asked: Parameters<MemoryLog<Post>['readBefore']>): Promise<Page> {
    await this.gates.pass('page');
    return super.readBefore(...asked);
  }
}

class GatedDirectory extends MemoryDirectory {
  /** The same for operators, who wait for no user. */
  readonly ungated: Directory = new Proxy(this, {
    get: (directory, name) => {
      const method: unknown = name === 'findUser' ? super.findUser : Reflect.get(directory, name);
      return typeof method === 'function' ? (method as (...args: unknown[]) => unknown).bind(directory) : method;
    },
  });

  constructor(
    { data, commits }: MemoryStore<Post>,
    readonly gates: Gates,
  ) {
    super(data, commits);
  }

  override async openRoom(...asked: Parameters<Directory['openRoom']>): ReturnType<Directory['openRoom']> {
    const room = await super.openRoom(...asked);
    await this.gates.pass('room');
    return room;
  }

  override async findUser(key: string): Promise<UserRecord | undefined> {
    await this.gates.pass('user');
    return super.findUser(key);
  }
}

export class GatedStore extends Gates implements Store<Post> {
  readonly #memory = new MemoryStore<Post>((committer) => ({
    commit: async (jobs, batch, time) => {
      await this.pass('commit');
      if (this.fails && batch.logs.length > 0) throw new StoreFailure('the disk is full');
      return committer.commit(jobs, batch, time);
    },
    touch: () => committer.touch(),
    allowEarlier: () => committer.allowEarlier(),
  }));
  readonly log = new GatedLog(this.#memory, this);
  readonly directory = new GatedDirectory(this.#memory, this);

  close(): Promise<void> {
    return this.#memory.close();
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
  readonly counters: Counters;
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
    counters,
    services: { accounts, bans, rooms, evictions },
  } = (await assemble(new LiveSettings(asked.settings), store, log, audit, 'test', () => undefined))(daemon);
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
    store: { log: store.log, directory: store.directory.ungated, close: () => store.close() },
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
    counters,
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
