// Runs commands in namespaces of Linux, which give a test its own network or mounts (unshare(1), nsenter(1)).

/** Without root, the commands also need a user namespace in which they are root. */
const isRoot = process.getuid?.() === 0;

type Kind = 'net' | 'mount';

/** The words that run a command in a new namespace. */
export function unshared(kind: Kind): readonly string[] {
  return ['unshare', ...(isRoot ? [] : ['--map-root-user']), `--${kind}`];
}

/** The words that run a command in the namespace of a process. */
export function within(kind: Kind, pid: number): readonly string[] {
  return ['nsenter', '--target', String(pid), `--${kind}`, ...(isRoot ? [] : ['--user', '--preserve-credentials'])];
}
