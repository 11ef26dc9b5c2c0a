// Reads which listening sockets the service manager opened and hands over (sd_listen_fds(3)). With such sockets no
// connection is refused while the daemon restarts, and the daemon needs no privilege for ports below 1024.

const names = ['plain', 'tls'] as const;

/** The name of a socket, from FileDescriptorName= in its unit: `plain` for lines, `tls` for lines over TLS. */
export type SocketName = (typeof names)[number];

/** A socket for clients. */
export interface InheritedSocket {
  /** The file descriptor. */
  readonly fd: number;
  readonly name: SocketName;
}

/** All sockets that were handed over. */
export interface InheritedSockets {
  /** The sockets for clients, in order. Several may have the same name. */
  readonly clients: readonly InheritedSocket[];
  /**
   * Descriptors of sockets for operators, which salond 0.1.0 took from salond-control.socket. That unit may still be
   * active when a newer daemon starts. The sockets are closed, because the daemon creates its control socket itself.
   */
  readonly control: readonly number[];
}

/** A socket without a known name, or a wrong number of sockets. The message is one line. */
export class InheritedSocketError extends Error {}

/** The name of the socket in 0.1.0's salond-control.socket. */
const formerControlName = 'control';

/** The first descriptor that a manager hands over, after the three standard streams. */
const firstDescriptor = 3;

const noSockets: InheritedSockets = { clients: [], control: [] };

/**
 * Returns the sockets that were handed to this process: none if the variables are missing or name another process.
 * Removes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES from `env`, so that child processes do not use them. Throws
 * InheritedSocketError.
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
  // Unless there is a name for each socket, it is unknown which socket a name belongs to.
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
