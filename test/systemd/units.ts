// Reads the units of deploy/systemd for tests.
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launcher, root, temporaryFolder, type Teardown } from '../support/daemon.js';

const folder = join(root, 'deploy/systemd');

/** The file names of the services and sockets. */
export function unitNames(): readonly string[] {
  return readdirSync(folder).filter((name) => /\.(?:service|socket)$/.test(name));
}

/** All values of an option in a unit, in order. */
export function values(unit: string, option: string): readonly string[] {
  const text = readFileSync(join(folder, unit), 'utf8');
  return [...text.matchAll(new RegExp(`^${option}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** Copies the units to a new folder, with the example in force, so that they start the salond of this checkout. */
export function unitsInForce(t: Teardown): string {
  const copy = temporaryFolder(t);
  cpSync(folder, copy, { recursive: true });
  const service = join(copy, 'salond.service');
  writeFileSync(service, readFileSync(service, 'utf8').replaceAll('/usr/bin/salon', `${dirname(launcher)}/salon`));
  renameSync(`${service}.d/tls.conf.example`, `${service}.d/tls.conf`);
  return copy;
}
