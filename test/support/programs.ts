// Finds the programs that tests run and that are not part of the project.
import { isInstalled } from '../../bench/process.js';
import { skipUnlessInstalled, type Skip } from './skip.js';

/** Debian's package for each program whose name differs from its package's. */
const packages: Readonly<Record<string, string>> = {
  cc: 'gcc libc6-dev',
  man: 'man-db',
  'nc.openbsd': 'netcat-openbsd',
  'nc.traditional': 'netcat-traditional',
  prlimit: 'util-linux',
  promtool: 'prometheus',
  script: 'bsdutils',
  size: 'binutils',
};

function packageOf(program: string): string {
  return program.startsWith('systemd-') ? 'systemd' : (packages[program] ?? program);
}

/** Why a test that runs these programs can't run here; false if all are installed. */
export function noPrograms(...programs: readonly string[]): Skip {
  const missing = programs.find((program) => !isInstalled(program));
  return skipUnlessInstalled(
    missing === undefined,
    missing === undefined ? '' : `${missing} is not here: apt-get install ${packageOf(missing)}`,
  );
}
