// A listening Unix socket. Its path may name what is not ours: only a socket on which nobody listens is ever removed.
import { accessSync, constants, lstatSync, rmSync, statSync, type Stats } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { startServer, lineServer, ListenError, listenFailureReason, type Listener } from './listener.js';

/** The longest path that a Unix socket can have (unix(7)). */
export const maxSocketPathBytes = 107;

/** The socket is for its user and its group. */
const socketUmask = 0o117;

/**
 * Listens on a Unix socket that only its user and its group may open. The socket that a killed daemon left there is
 * removed, and nothing else. Rejects with ListenError.
 */
export async function listenUnix(path: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  if ((await checkSocketPath(path)) === 'left') rmSync(path, { force: true });
  const server = lineServer(onSocket)();
  // The socket has its mode from the first moment on: Node.js makes it before `listen` returns.
  const before = process.umask(socketUmask);
  const listening = startServer(server, { path }, path);
  process.umask(before);
  const { listener } = await listening;
  const made = lookAt(path)?.ino;
  // Closing removes the path, and another daemon may have made its own socket there meanwhile.
  return {
    ...listener,
    close: () => {
      if (lookAt(path)?.ino === made) listener.close();
    },
  };
}

/**
 * Whether there is nothing at that path, or a socket that was left. Changes nothing. Rejects with ListenError where a
 * socket can't be made there.
 */
export async function checkSocketPath(path: string): Promise<'free' | 'left'> {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    throw new ListenError(
      `can't listen on ${path}: a Unix socket's path has ${maxSocketPathBytes} bytes at most, and this one has ${bytes}`,
    );
  }
  checkFolder(path);
  const found = lookAt(path);
  if (found === undefined) return 'free';
  if (!found.isSocket())
    throw new ListenError(`can't listen on ${path}: ${kindOf(found)} is there, and it was left as it is`);
  const refusal = await refusalOf(path);
  // Nobody there: since it was looked at, it has gone.
  if (refusal === 'ENOENT') return 'free';
  if (refusal === 'ECONNREFUSED') return 'left';
  throw new ListenError(`can't listen on ${path}: ${inTheWay(refusal)}`, refusal === undefined ? inUse() : undefined);
}

/** Looked at by itself: for a folder that is not there Node.js says that it is not permitted. */
function checkFolder(path: string): void {
  // With a slash at its end it names a folder, which is another error where it is there.
  const folder = path.endsWith('/') ? path : dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ListenError(`can't listen on ${path}: ${listenFailureReason(error)}`, error);
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new ListenError(`can't listen on ${path}: ${listenFailureReason(error)}`, error);
  }
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a folder';
  return found.isFile() ? 'a plain file' : 'something that is no socket';
}

function inTheWay(refusal: string | undefined): string {
  if (refusal === undefined || refusal === 'EAGAIN') return 'it is in use';
  if (refusal === 'EACCES' || refusal === 'EPERM') return 'a socket of another user is there, and it was left as it is';
  return `a socket of another kind is there, and it was left as it is (${refusal})`;
}

function inUse(): Error {
  return Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
}

/** With what the system refuses a connection to the socket; undefined where somebody takes it. */
function refusalOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
  });
}
