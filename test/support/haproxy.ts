// Starts HAProxy with a test's configuration, on a free port.
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type Teardown } from './daemon.js';
import { freePort, listenedOn } from './free-port.js';
import { noPrograms } from './programs.js';

/** Why a test that needs HAProxy and certificates can't run here; false if it can. */
export const noHaproxy = noPrograms('haproxy', 'openssl');

/**
 * Starts HAProxy with the configuration for a free port. Returns the port. Throws if HAProxy complains about the
 * configuration.
 */
export async function startHaproxy(t: Teardown, configuration: (port: number) => string): Promise<number> {
  const port = await freePort();
  const file = join(temporaryFolder(t), 'haproxy.cfg');
  writeFileSync(file, configuration(port));
  const { stderr } = spawnSync('haproxy', ['-c', '-q', '-f', file], { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  await listenedOn(port);
  return port;
}
