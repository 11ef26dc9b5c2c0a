// A copy of the compiled project in a temporary folder, in which one file at a time is changed. The project itself is
// never touched: others may be running its tests.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a test file ended: it passed, failed, or was killed because it took too long. */
export type Outcome = 'passed' | 'failed' | 'timeout';

/** Tests end at their first failure, and random scenarios are few, and the same for every mutant. */
const settings = { TAP_BAIL: '1', TAP_TIMEOUT: '600', SALOND_TEST_RUNS: '2', SALOND_TEST_SEED: '5' };

/** One copy: a folder with its own `dist`, and links to everything else of the project. */
export class ProjectCopy {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'salond-mutants-')));
  /** Ends the running test and its child processes. */
  #killGroup = (): void => undefined;

  constructor(root: string) {
    for (const name of readdirSync(root).filter((each) => each !== 'dist' && each !== '.git')) {
      symlinkSync(join(root, name), join(this.folder, name));
    }
    cpSync(join(root, 'dist'), this.dist, { recursive: true });
  }

  get dist(): string {
    return join(this.folder, 'dist');
  }

  /** The text of a compiled file. */
  read(file: string): string {
    return readFileSync(join(this.dist, file), 'utf8');
  }

  /** Overwrites a compiled file. */
  write(file: string, text: string): void {
    writeFileSync(join(this.dist, file), text);
  }

  /**
   * Runs a compiled test file until its first failure or until `timeout` milliseconds have passed.
   * @param coverage a folder for V8's reports of what was executed, where they are wanted
   */
  async run(test: string, timeout: number, coverage?: string): Promise<Outcome> {
    // The test gets its own process group, so that its child processes can be ended with it.
    const child = spawn(process.execPath, ['--max-old-space-size=512', join(this.dist, test)], {
      cwd: this.folder,
      stdio: 'ignore',
      detached: true,
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        ...settings,
        ...(coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }),
      },
    });
    let outcome: Outcome | undefined;
    this.#killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended already.
      }
    };
    const timer = setTimeout(() => {
      outcome = 'timeout';
      this.#killGroup();
    }, timeout);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    clearTimeout(timer);
    this.#killGroup();
    return outcome ?? (code === 0 ? 'passed' : 'failed');
  }

  /** Ends the running test and removes the folder. */
  remove(): void {
    this.#killGroup();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
