// The units of deploy/systemd, as a test reads them.
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { launcher, root, temporaryFolder, type Teardown } from '../support/daemon.js';

const folder = join(root, 'deploy/systemd');

/** The files of the services and sockets. */
export function unitNames(): readonly string[] {
  return readdirSync(folder).filter((name) => /\.(?:service|socket)$/.test(name));
}

/** All values that the unit gives the option, in order. */
export function values(unit: string, option: string): readonly string[] {
  const text = readFileSync(join(folder, unit), 'utf8');
  return [...text.matchAll(new RegExp(`^${option}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** A copy of all of them in a folder of its own, the example in force, that starts the salond which is tested. */
export function unitsInForce(t: Teardown): string {
  const copy = temporaryFolder(t);
  cpSync(folder, copy, { recursive: true });
  const service = join(copy, 'salond.service');
  writeFileSync(service, readFileSync(service, 'utf8').replaceAll('/usr/bin/salon', `${dirname(launcher)}/salon`));
  renameSync(`${service}.d/tls.conf.example`, `${service}.d/tls.conf`);
  return copy;
}
