// Notices that files were changed. Every look is a job of libuv's pool, and a file system that hangs keeps the job's
// thread. So the files are looked at one after the other, and hold one thread at most, however many there are.
import { stat } from 'node:fs/promises';

/** What is compared: a text that differs once the file was changed, replaced, removed or created. */
type Look = (path: string) => Promise<string>;

const lookAt: Look = async (path) => {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mode, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'not there';
  }
};

/** Looks at files again and again, until it is stopped. Keeps no process alive. */
export class FileWatch {
  readonly paths: readonly string[];
  readonly #onChange: () => void;
  readonly #milliseconds: number;
  readonly #look: Look;
  readonly #seen = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /**
   * @param onChange called once after a round of looks in which a file was found changed
   * @param milliseconds between two rounds
   */
  constructor(paths: readonly string[], onChange: () => void, milliseconds: number, look = lookAt) {
    this.paths = paths;
    this.#onChange = onChange;
    this.#milliseconds = milliseconds;
    this.#look = look;
    void this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    let isChanged = false;
    for (const path of this.paths) {
      const before = this.#seen.get(path);
      const now = await this.#look(path);
      if (this.#isStopped) return;
      this.#seen.set(path, now);
      isChanged ||= before !== undefined && before !== now;
    }
    this.#timer = setTimeout(() => void this.#round(), this.#milliseconds).unref();
    if (isChanged) this.#onChange();
  }
}
