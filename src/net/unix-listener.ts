// Opens a listening Unix socket. Removes a socket at its path on which nobody listens, and never any other file.
import { accessSync, constants, lstatSync, rmSync, statSync, type Stats } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ListenError, listenFailureReason } from './listen-error.js';
import { lineServer, startServer, type Listener } from './listener.js';

/** The longest path that a Unix socket can have, in bytes (unix(7)). */
export const maxSocketPathBytes = 107;

/**
 * Who may open a socket, as the umask with which it is made: the daemon's user and group alone, or everybody. Everybody
 * is whoever may enter the folder of the socket.
 */
const umasks = { group: 0o117, everybody: 0o111 } as const;

/**
 * Listens on a Unix socket. Removes the socket that a killed daemon left at the path, and nothing else. Rejects with
 * ListenError.
 */
export async function listenUnix(
  path: string,
  mayOpen: keyof typeof umasks,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  if ((await checkSocketPath(path)) === 'abandoned') rmSync(path, { force: true });
  const server = lineServer(onSocket)();
  // Node.js creates the socket before `listen` returns, so the mode is right from the first moment.
  const previousUmask = process.umask(umasks[mayOpen]);
  const starting = startServer(server, { path }, path);
  process.umask(previousUmask);
  const { listener } = await starting;
  const ownInode = statOf(path)?.ino;
  return {
    ...listener,
    // Closing removes the path, and another daemon may have created its own socket there meanwhile.
    close: () => {
      if (statOf(path)?.ino === ownInode) listener.close();
    },
  };
}

/**
 * Tells whether nothing is at the path (`free`) or a socket on which nobody listens (`abandoned`). Changes nothing.
 * Rejects with ListenError where a socket can't be created.
 */
export async function checkSocketPath(path: string): Promise<'free' | 'abandoned'> {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    throw new ListenError(
      `can't listen on ${path}: a Unix socket's path has ${maxSocketPathBytes} bytes at most, and this one has ${bytes}`,
    );
  }
  checkFolder(path);
  const found = statOf(path);
  if (found === undefined) return 'free';
  if (!found.isSocket())
    throw new ListenError(`can't listen on ${path}: ${kindOf(found)} is there, and it was left as it is`);
  const code = await connectionErrorCode(path);
  // The socket was removed after `statOf` saw it.
  if (code === 'ENOENT') return 'free';
  if (code === 'ECONNREFUSED') return 'abandoned';
  throw new ListenError(`can't listen on ${path}: ${obstacle(code)}`, code === undefined ? inUseError() : undefined);
}

/** Checks the folder by itself, because for a missing folder Node.js says that listening is not permitted. */
function checkFolder(path: string): void {
  // A path that ends with a slash names a folder; if that folder exists, the error is another one.
  const folder = path.endsWith('/') ? path : dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ListenError(`can't listen on ${path}: ${listenFailureReason(error)}`, error);
  }
}

function statOf(path: string): Stats | undefined {
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

/** Says in words why a socket at the path is in the way: `code` is the error of a connection to it, if it failed. */
function obstacle(code: string | undefined): string {
  if (code === undefined || code === 'EAGAIN') return 'it is in use';
  if (code === 'EACCES' || code === 'EPERM') return 'a socket of another user is there, and it was left as it is';
  return `a socket of another kind is there, and it was left as it is (${code})`;
}

function inUseError(): Error {
  return Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
}

/** The error code with which a connection to the socket fails; undefined if somebody accepts it. */
function connectionErrorCode(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
  });
}
