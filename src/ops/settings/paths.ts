// Checks that no two paths of the settings name the same file, and that sockets can have theirs. Whether the files can
// be used is checked by the start and by --check-config.

import { basename, dirname, resolve } from 'node:path';
import type { ListenAddress, SocketPath } from './addresses.js';
import { complain, type Findings } from './findings.js';
import type { Key } from './table.js';

/** The longest path that a Unix socket can have, in bytes (unix(7)). */
const maxSocketPathBytes = 107;

/** A path of a setting. */
interface NamedPath {
  readonly key: 'audit_log' | 'control_socket' | 'listen';
  /** As it was written. */
  readonly path: string;
  /** What is there, for a message about another setting that has the same path. */
  readonly meaning: string;
}

/** Adds a problem for each path that can't be used beside the others. */
export function checkPaths(findings: Findings): void {
  const data = textOf(findings, 'data');
  const control = textOf(findings, 'control_socket');
  const sockets = socketsOf(findings);
  const paths: readonly NamedPath[] = [
    ...named('audit_log', textOf(findings, 'audit_log'), 'the audit log'),
    ...named('control_socket', control, "the control socket's path"),
    ...sockets.flatMap((path) => named('listen', path, 'a socket of listen')),
  ];
  for (const { key, path } of paths) {
    if (key !== 'audit_log') checkLength(findings, key, path);
    if (resolve(path) === resolve(data)) complain(findings, `${key}: ${JSON.stringify(path)} is the data folder`);
    if (dirname(resolve(path)) !== resolve(data) || !basename(path).startsWith('salond.')) continue;
    complain(
      findings,
      `${key}: names beginning with "salond." are the data's own in its folder, and ${JSON.stringify(path)} is one of them`,
    );
  }
  const defaultControl =
    control === '' ? named('control_socket', resolve(data, 'control'), "the control socket's path") : [];
  checkDifferent(findings, [...paths, ...defaultControl]);
}

/** The value of a setting that is a text; empty if it is missing or was refused. */
function textOf({ values }: Findings, key: Key): string {
  const value = values.get(key);
  return typeof value === 'string' ? value : '';
}

/** The Unix sockets of `listen`. */
function socketsOf({ values }: Findings): readonly string[] {
  const places = (values.get('listen') ?? []) as readonly (ListenAddress | SocketPath)[];
  return places.flatMap((each) => ('path' in each ? [each.path] : []));
}

/** A path that is named; nothing if it is empty. */
function named(key: NamedPath['key'], path: string, meaning: string): readonly NamedPath[] {
  return path === '' ? [] : [{ key, path, meaning }];
}

function checkLength(findings: Findings, key: string, path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= maxSocketPathBytes) return;
  complain(
    findings,
    `${key}: a Unix socket's path has ${maxSocketPathBytes} bytes at most, and ${JSON.stringify(path)} has ${bytes}`,
  );
}

function checkDifferent(findings: Findings, paths: readonly NamedPath[]): void {
  for (const [index, { key, path }] of paths.entries()) {
    const same = paths.slice(index + 1).find((other) => resolve(other.path) === resolve(path));
    if (same === undefined) continue;
    if (same.key === key) complain(findings, `${key} has ${JSON.stringify(path)} twice`);
    else if (key === 'control_socket')
      complain(findings, `listen: ${JSON.stringify(path)} is the control socket's path`);
    else complain(findings, `${key}: ${JSON.stringify(path)} is ${same.meaning}`);
  }
}
