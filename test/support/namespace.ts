// Namespaces of Linux, in which a test has a network or a disk of its own (unshare(1), nsenter(1)).

/** Who is not root becomes it, in a user namespace around the others. */
const isRoot = process.getuid?.() === 0;

type Kind = 'net' | 'mount';

/** The words that run a command in a new namespace. */
export function unshared(kind: Kind): readonly string[] {
  return ['unshare', ...(isRoot ? [] : ['--map-root-user']), `--${kind}`];
}

/** The words that run a command in the namespace of that process. */
export function within(kind: Kind, pid: number): readonly string[] {
  return ['nsenter', '--target', String(pid), `--${kind}`, ...(isRoot ? [] : ['--user', '--preserve-credentials'])];
}
