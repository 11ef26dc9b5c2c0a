// Listening sockets that the service manager opened and hands over (sd_listen_fds(3)): no connection is refused while the daemon
// restarts, and ports below 1024 need no privilege of its own.

const names = ['plain', 'tls'] as const;

/** What clients speak on a socket: lines, or lines over TLS. Its unit says it, with FileDescriptorName=. */
export type SocketName = (typeof names)[number];

export interface InheritedSocket {
  readonly fd: number;
  readonly name: SocketName;
}

export interface InheritedSockets {
  /** Where clients connect, in order; several may have one name. */
  readonly clients: readonly InheritedSocket[];
  /**
   * Descriptors of sockets for operators, which salond 0.1.0 took from salond-control.socket. That unit may still be active
   * when a newer daemon starts. They are closed: the daemon makes its control socket itself.
   */
  readonly control: readonly number[];
}

/** A socket that nobody would know what to do with; the message is one line. */
export class InheritedSocketError extends Error {}

/** What 0.1.0's salond-control.socket called its socket. */
const formerName = 'control';

/** The first that a manager hands over, after the three standard streams. */
const firstDescriptor = 3;

const noSockets: InheritedSockets = { clients: [], control: [] };

/**
 * The sockets that were handed to this process. None where there are none, or where they are for another process.
 * Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of `env`: children must not think that they are theirs.
 * Throws InheritedSocketError.
 */
export function inheritedSockets(env: NodeJS.ProcessEnv): InheritedSockets {
  const { LISTEN_PID: pid, LISTEN_FDS: count = '', LISTEN_FDNAMES: text } = env;
  for (const variable of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[variable];
  if (pid !== String(process.pid)) return noSockets;
  if (!/^\d{1,4}$/.test(count))
    throw new InheritedSocketError(`LISTEN_FDS is ${JSON.stringify(count)}, which is no number of sockets`);
  const given = text?.split(':') ?? [];
  // Where not each has a name, whose a name is can't be known.
  const isNamed = given.length === Number(count);
  const all = isNamed ? given : Array<string>(Number(count)).fill('unknown');
  const handed = all.map((name, index) => ({ fd: firstDescriptor + index, name }));
  return {
    clients: handed.filter(({ name }) => name !== formerName).map(({ fd, name }) => ({ fd, name: knownName(name) })),
    control: handed.filter(({ name }) => name === formerName).map(({ fd }) => fd),
  };
}

function knownName(name: string): SocketName {
  const known = names.find((each) => each === name);
  if (known !== undefined) return known;
  throw new InheritedSocketError(
    `a socket named ${JSON.stringify(name)} was handed over: FileDescriptorName= of its unit has to be plain or tls`,
  );
}
