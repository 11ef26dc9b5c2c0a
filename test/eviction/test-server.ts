// Starts a server in this process, from the listener to the store, over real connections. A test can make the store
// wait, so that a session stays in the state that the test needs.
import { assemble } from '../../src/daemon/assemble.js';
import type { Evictions } from '../../src/chat/eviction.js';
import type { Presence } from '../../src/chat/presence.js';
import type { Post } from '../../src/chat/post.js';
import type { Acceptor } from '../../src/net/acceptor.js';
import { lineServer, listen } from '../../src/net/listener.js';
import type { OperatorServices } from '../../src/operator/services.js';
import { OperatorSession } from '../../src/operator/operator-session.js';
import { operatorDispatcher } from '../../src/operator/table.js';
import type { Counters } from '../../src/metrics/counters.js';
import { createLog } from '../../src/ops/log.js';
import { LiveSettings } from '../../src/ops/settings/live.js';
import { invocation } from '../../src/ops/settings/settings.js';
import type { Output } from '../../src/session/ordered-session.js';
import type { Session } from '../../src/session/session.js';
import type { Directory, UserRecord } from '../../src/store/directory.js';
import type { Page, Taken } from '../../src/store/log.js';
import { MemoryDirectory } from '../../src/store/memory/directory.js';
import { MemoryLog } from '../../src/store/memory/log.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { atOnce, StoreFailure, type Store } from '../../src/store/store.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import type { OperatorCommandName } from '../../src/wire/generated/operator-parameters.js';
import { Client } from '../support/client.js';
import { cheapPasswords } from '../support/daemon.js';

/**
 * Where a test can make the store wait: at a commit, at a page of a room's past, at finding a user, with which a login
 * begins and ends, and after a room was read and before it is opened.
 */
export type Gate = 'commit' | 'page' | 'user' | 'room';

/** Gates at which the store waits until the test opens them. */
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
}

class GatedDirectory extends MemoryDirectory {
  /** The directory for operators' commands, whose search for a user does not wait. */
  readonly ungated: Directory = new Proxy(this, {
    get: (directory, name) => {
      const method: unknown = name === 'findUser' ? (key: string) => super.findUser(key) : Reflect.get(directory, name);
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

/** A store in memory that waits at the gates that a test has closed. */
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
  readonly tokens = this.#memory.tokens;
  readonly conversations = this.#memory.conversations;
  readonly blocks = this.#memory.blocks;
  readonly memberships = this.#memory.memberships;
  readonly invitations = this.#memory.invitations;
  readonly lastSeen = this.#memory.lastSeen;
  readonly erasures = this.#memory.erasures;
  readonly search = this.#memory.search;

  close(): Promise<void> {
    return this.#memory.close();
  }
}

/** The part of tap's test that is needed here. */
interface Teardown {
  teardown(end: () => unknown): void;
}

/** A server in this process, and what a test does with it. */
export interface TestServer {
  readonly store: GatedStore;
  readonly acceptor: Acceptor;
  readonly evictions: Evictions;
  readonly presence: Presence<Session>;
  readonly counters: Counters;
  readonly services: OperatorServices;
  /** Carries out an operator's command, and answers its results, or its refusal. */
  readonly operate: (command: OperatorCommandName, parameters: object) => Promise<Readonly<Record<string, unknown>>>;
  readonly connect: () => Promise<Client>;
  /** A client that has logged in, and the number of its session. */
  readonly enter: (username: string, ...rooms: readonly string[]) => Promise<Client>;
  /**
   * Fulfils when all that was begun has ended, but for what waits at a gate: two clients that come now were answered
   * one after the other.
   */
  readonly settled: () => Promise<void>;
  /** Fulfils when it holds. Rejects when it does not within ten seconds. */
  readonly until: (holds: () => boolean, what: string) => Promise<void>;
}

const noAnswer: Output = { reply: () => undefined, event: () => undefined, drained: () => Promise.resolve() };

/** Starts a server with the settings of `env`. It ends with the test. */
export async function startServer(test: Teardown, env: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const asked = invocation([], { ...cheapPasswords, SALOND_CONNECTIONS_PER_MINUTE: '100000', ...env }, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  const store = new GatedStore();
  const log = createLog('silent');
  const audit = { write: () => undefined };
  const daemon = {
    status: () => Promise.reject(new Error('nobody asks')),
    drain: () => ({ sessions: 0, changed: false }),
    reload: () => ({ problem: '' }),
    setLogLevel: () => false,
    backUp: () => Promise.resolve({ bytes: 0, sha256: '' }),
    resetTime: () => Promise.resolve(0),
  };
  const compose = await assemble({
    live: new LiveSettings(asked.settings),
    store,
    log,
    audit,
    version: 'test',
    onStoreBroken: () => undefined,
  });
  const parts = compose(daemon);
  const { counters, clients: acceptor } = parts;
  const { evictions, presence } = parts.services;
  const listener = await listen(
    { host: '127.0.0.1', port: 0, addresses: ['127.0.0.1'] },
    lineServer((socket) => acceptor.accept(socket)),
  );
  const port = Number(listener.addresses[0]?.split(':').at(-1));
  const clients: Client[] = [];
  test.teardown(() => {
    for (const client of clients) client.destroy();
    for (const gate of ['commit', 'page', 'user', 'room'] as const) store.release(gate);
    listener.close();
  });
  const services: OperatorServices = {
    ...parts.services,
    store: {
      log: store.log,
      directory: store.directory.ungated,
      tokens: store.tokens,
      conversations: store.conversations,
      blocks: store.blocks,
      memberships: store.memberships,
      invitations: store.invitations,
      lastSeen: store.lastSeen,
      erasures: store.erasures,
      search: store.search,
      close: () => store.close(),
    },
    inTurn: atOnce,
    daemon,
  };
  const dispatch = operatorDispatcher(services);
  const operator = new OperatorSession(
    1,
    noAnswer,
    { proceed: () => undefined, evict: () => false, keepAlive: () => undefined },
    { dispatch, audit },
  );
  const operate: TestServer['operate'] = async (command, parameters) => {
    const answer = await dispatch(operator, { command, spec: operatorSpecs[command], parameters, ref: undefined });
    if (answer === 'on commit') throw new Error('operators send no messages');
    return ('results' in answer ? answer.results : answer) as Readonly<Record<string, unknown>>;
  };
  const connect: TestServer['connect'] = async () => {
    const client = await Client.connect(port);
    clients.push(client);
    return client;
  };
  const settled: TestServer['settled'] = async () => {
    for (const _ of [1, 2]) {
      const probe = await connect();
      probe.send('ping');
      // Or a 199, where the address is banned.
      await probe.next();
      probe.destroy();
    }
  };
  const until: TestServer['until'] = async (holds, what) => {
    for (const end = performance.now() + 10_000; !holds(); ) {
      if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 2);
      });
    }
  };
  return {
    store,
    acceptor,
    evictions,
    presence,
    counters,
    services,
    operate,
    connect,
    settled,
    until,
    enter: async (username, ...rooms) => (await connect()).enter(username, ...rooms),
  };
}

/** Lets some milliseconds pass, so that steps come at different times. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
