// Listening sockets that the service manager opened and hands over (sd_listen_fds(3)). With them no connection is
// refused while the daemon restarts, and ports below 1024 need no privilege of the daemon.

const names = ['plain', 'tls'] as const;

/** What clients speak on a socket: lines, or lines over TLS. The socket's unit says so with FileDescriptorName=. */
export type SocketName = (typeof names)[number];

/** A socket for clients. */
export interface InheritedSocket {
  /** The file descriptor. */
  readonly fd: number;
  readonly name: SocketName;
}

/** All sockets that were handed over. */
export interface InheritedSockets {
  /** Where clients connect, in order. Several may have one name. */
  readonly clients: readonly InheritedSocket[];
  /**
   * Descriptors of sockets for operators, which salond 0.1.0 took from salond-control.socket. That unit may still be
   * active when a newer daemon starts. The sockets are closed, because the daemon creates its control socket itself.
   */
  readonly control: readonly number[];
}

/** A socket whose use can't be told. The message is one line. */
export class InheritedSocketError extends Error {}

/** What 0.1.0's salond-control.socket called its socket. */
const formerControlName = 'control';

/** The first descriptor that a manager hands over, after the three standard streams. */
const firstDescriptor = 3;

const noSockets: InheritedSockets = { clients: [], control: [] };

/**
 * Reads which sockets were handed to this process: none if the variables are missing, or are meant for another process.
 * Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of `env`, so that child processes do not take them as theirs.
 * Throws InheritedSocketError.
 */
export function inheritedSockets(env: NodeJS.ProcessEnv): InheritedSockets {
  const { LISTEN_PID: pid, LISTEN_FDS: count = '', LISTEN_FDNAMES: text } = env;
  delete env['LISTEN_PID'];
  delete env['LISTEN_FDS'];
  delete env['LISTEN_FDNAMES'];
  if (pid !== String(process.pid)) return noSockets;
  if (!/^\d{1,4}$/.test(count))
    throw new InheritedSocketError(`LISTEN_FDS is ${JSON.stringify(count)}, which is no number of sockets`);
  const given = text?.split(':') ?? [];
  // If there is not a name for each socket, nobody can know which socket a name belongs to.
  const isNamed = given.length === Number(count);
  const all = isNamed ? given : Array<string>(Number(count)).fill('unknown');
  const sockets = all.map((name, index) => ({ fd: firstDescriptor + index, name }));
  return {
    clients: sockets
      .filter(({ name }) => name !== formerControlName)
      .map(({ fd, name }) => ({ fd, name: knownName(name) })),
    control: sockets.filter(({ name }) => name === formerControlName).map(({ fd }) => fd),
  };
}

function knownName(name: string): SocketName {
  const known = names.find((each) => each === name);
  if (known !== undefined) return known;
  throw new InheritedSocketError(
    `a socket named ${JSON.stringify(name)} was handed over: FileDescriptorName= of its unit has to be plain or tls`,
  );
}
