// Tests that nothing of a session stays in memory once its connection is closed, however it ended, while the deadlines
// of the settings (two minutes for a login) still run. Sockets and followed logs are counted, not bytes.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import type { Post } from '../../src/chat/post.js';
import type { Committer } from '../../src/store/committer.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { leftOf } from '../support/garbage.js';
import { startInProcess, type InProcessDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

/** How many sessions of each sort come and go: more than the runtime may hold of any sort. */
const count = 6;

/** The sockets that servers of this process have accepted, and that the test has not taken yet. */
const accepted: Socket[] = [];
subscribe('net.server.socket', (message) => {
  accepted.push((message as { readonly socket: Socket }).socket);
});

/** A store whose commits of messages can be held back, and the logs that it was asked to follow. */
class HeldStore extends MemoryStore<Post> {
  readonly followed: WeakRef<object>[] = [];
  /** Lets a commit go on that is held back. Undefined while none is. */
  release: (() => void) | undefined;
  isHolding = false;
  /** Called when a commit is held back. */
  onHeld = (): void => undefined;

  constructor() {
    super(
      (committer): Committer => ({
        commit: async (jobs, batch, time) => {
          if (this.isHolding && batch.logs.length > 0) {
            await new Promise<void>((resolve) => {
              this.release = resolve;
              this.onHeld();
            });
          }
          return committer.commit(jobs, batch, time);
        },
        touch: () => committer.touch(),
        allowEarlier: () => committer.allowEarlier(),
      }),
    );
    const follow = this.log.follow.bind(this.log);
    this.log.follow = async (log) => {
      const followed = await follow(log);
      this.followed.push(new WeakRef(followed));
      return followed;
    };
  }

  /** Has `send` send a message, and `end` end its connection before the message is stored. */
  async endBefore(send: () => void, end: () => Promise<void>): Promise<void> {
    this.isHolding = true;
    const held = new Promise<void>((resolve) => {
      this.onHeld = resolve;
    });
    send();
    await held;
    await end();
    this.isHolding = false;
    this.release?.();
    this.release = undefined;
  }
}

interface Setup {
  readonly store: HeldStore;
  readonly daemon: InProcessDaemon;
}

/** The daemon's end of the connection that was accepted last. */
function serverEnd(): Socket {
  const socket = accepted.at(-1);
  if (socket === undefined) throw new Error('nothing was accepted');
  return socket;
}

/** Resets the connection, and waits until the daemon has noticed. */
async function reset(client: Client): Promise<void> {
  const server = serverEnd();
  const closed = server.closed ? Promise.resolve() : new Promise((resolve) => server.once('close', resolve));
  client.socket.resetAndDestroy();
  await closed;
}

const password = { username: 'alice', password: 'alice password' } as const;
const login = { command: 'authenticate_user', ...password } as const;
const message = { command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hello' } as const;

async function inLobby(client: Client): Promise<void> {
  await client.ok(login);
  await client.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby' });
}

/** What sessions do until they have ended, by what the sort is called. */
const sorts: Readonly<Record<string, (client: Client, setup: Setup) => Promise<void> | void>> = {
  'a guest leaves': (client) => client.end(),
  'a guest resets': reset,
  'a guest sends bad lines and leaves': async (client) => {
    for (const line of ['nonsense', '{', 'join_chatroom a b']) await client.request(line);
    client.end();
  },
  'a guest resets within a line': async (client) => {
    client.socket.write('{"command":');
    await reset(client);
  },
  'a guest quits': (client) => client.send({ command: 'quit' }),
  'a login fails': async (client) => {
    await client.request({ ...login, password: 'another password' });
    client.end();
  },
  'a client resets while its password is checked': async (client) => {
    client.send(login);
    await once(serverEnd(), 'data');
    await reset(client);
  },
  'a user logs out and leaves': async (client) => {
    await inLobby(client);
    await client.ok({ command: 'log_out' });
    client.end();
  },
  'a user resets in a room': async (client) => {
    await inLobby(client);
    await reset(client);
  },
  'a user resets while it joins': async (client) => {
    await client.ok(login);
    client.send({ command: 'join_chatroom', username: 'alice', room: 'another' });
    await once(serverEnd(), 'data');
    await reset(client);
  },
  'a user resets with a message on its way': async (client, setup) => {
    await inLobby(client);
    await setup.store.endBefore(
      () => client.send(message),
      () => reset(client),
    );
  },
  'the network cuts a user off after its FIN with a message on its way': async (client, setup) => {
    await inLobby(client);
    await setup.store.endBefore(
      () => client.send(message),
      async () => {
        const ended = once(serverEnd(), 'end');
        client.end();
        await ended;
        // As the runtime does where a write or the keep-alive fails. After its FIN a client can't send a reset by
        // itself.
        serverEnd().destroy(new Error('the network is gone'));
        await client.closed;
      },
    );
  },
  'a user is put out with a message on its way': async (client, setup) => {
    await inLobby(client);
    const operator = await Client.connect(String(setup.daemon.log.find(({ event }) => event === 'ready')?.['control']));
    accepted.pop();
    await setup.store.endBefore(
      () => client.send(message),
      async () => {
        await operator.ok({ command: 'kick', target: 'alice' });
      },
    );
    operator.end();
    await operator.closed;
    await client.closed;
  },
};

/** A client of which only the end is waited for. */
interface Ending {
  readonly closed: Promise<void>;
}

/** Lets sessions of one sort come and go. Answers weak references to the daemon's ends of their connections. */
async function comeAndGo<Remote extends Ending>(
  connect: () => Promise<Remote>,
  live: (client: Remote) => Promise<void> | void,
): Promise<WeakRef<Socket>[]> {
  const gone: WeakRef<Socket>[] = [];
  for (let each = 0; each < count; each += 1) {
    accepted.length = 0;
    const client = await connect();
    const server = serverEnd();
    gone.push(new WeakRef(server));
    const closed = new Promise((resolve) => server.once('close', resolve));
    await live(client);
    await client.closed;
    if (!server.closed) await closed;
  }
  accepted.length = 0;
  return gone;
}

async function begin(t: Test, env: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const store = new HeldStore();
  const daemon = await startInProcess(temporaryFolder(t), async () => store, env);
  t.teardown(() => daemon.daemon.stop('test'));
  return { store, daemon };
}

t.test('nothing of a session is kept once it is gone', async (t) => {
  const setup = await begin(t);
  const { port, daemon } = setup.daemon;
  const first = await (await Client.connect(port)).enter('alice');
  first.end();
  await first.closed;
  for (const [sort, live] of Object.entries(sorts)) {
    const gone = await comeAndGo(
      () => Client.connect(port),
      (client) => live(client, setup),
    );
    t.equal(await leftOf(gone), 0, sort);
  }
  t.match(await daemon.status(), { sessions: 0, users: 0, rooms: 0 });
  t.ok(setup.store.followed.length > count);
  t.equal(await leftOf(setup.store.followed), 0, 'logs that were followed');
});

t.test('nothing of a connection from a proxy is kept once it is gone', async (t) => {
  const { port } = (await begin(t, { SALOND_PROXY_PROTOCOL: '127.0.0.1:0', SALOND_TRUSTED_PROXIES: '127.0.0.1' }))
    .daemon;
  const header = 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256';
  const proxied: Readonly<Record<string, (client: Client) => Promise<void> | void>> = {
    'it leaves without a header': (client) => client.end(),
    'it resets within the header': async (client) => {
      client.socket.write(header);
      await reset(client);
    },
    'it sends something else': (client) => client.send('nonsense'),
    'it leaves after a request': async (client) => {
      client.send(`${header}\r`, 'ping');
      await client.next();
      client.end();
    },
    'it resets after a request': async (client) => {
      client.send(`${header}\r`, 'ping');
      await client.next();
      await reset(client);
    },
  };
  for (const [sort, live] of Object.entries(proxied))
    t.equal(await leftOf(await comeAndGo(() => Client.connect(port), live)), 0, sort);
});

t.test('nothing of an encrypted connection is kept once it is gone', { skip: noPrograms('openssl') }, async (t) => {
  const { log } = (await begin(t, { SALOND_TLS_LISTEN: '127.0.0.1:0', ...certificate(t) })).daemon;
  const [address = ''] = log.find(({ event }) => event === 'ready')?.['tls_addresses'] as string[];
  const port = Number(address.split(':').at(-1));
  const connect = async (): Promise<Ending & { readonly socket: TLSSocket }> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => undefined);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    await once(socket, 'secureConnect');
    socket.write('ping\n');
    await once(socket, 'data');
    return { socket, closed };
  };
  const ends: Readonly<Record<string, (socket: TLSSocket) => void>> = {
    'it leaves': (socket) => void socket.end(),
    'it quits': (socket) => void socket.write('quit\n'),
    'it is cut off': (socket) => void socket.destroy(),
  };
  for (const [sort, end] of Object.entries(ends))
    t.equal(await leftOf(await comeAndGo(connect, ({ socket }) => end(socket))), 0, sort);
});
