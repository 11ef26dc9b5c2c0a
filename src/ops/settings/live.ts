// The settings as they are now: a reload replaces those that may change while the daemon runs.
import { isDeepStrictEqual } from 'node:util';
import { camel, KEYS, setting, type Key, type Settings } from './table.js';

/** What a reload found different, by the names in the file. */
export interface Reloaded {
  readonly applied: readonly Key[];
  readonly restart: readonly Key[];
}

export class LiveSettings {
  #current: Settings;
  readonly #listeners: ((settings: Settings) => void)[] = [];

  constructor(settings: Settings) {
    this.#current = settings;
  }

  get current(): Settings {
    return this.#current;
  }

  /** Calls `listener` with the settings whenever some have changed. */
  onReplaced(listener: (settings: Settings) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes over what may change at once. The rest stays as it is until a restart. */
  replace(next: Settings): Reloaded {
    const changed = KEYS.filter((key) => !isDeepStrictEqual(this.#current[camel(key)], next[camel(key)]));
    const applied = changed.filter((key) => setting(key).live === true);
    this.#current = { ...this.#current, ...Object.fromEntries(applied.map((key) => [camel(key), next[camel(key)]])) };
    for (const listener of this.#listeners) listener(this.#current);
    return { applied, restart: changed.filter((key) => setting(key).live !== true) };
  }
}
