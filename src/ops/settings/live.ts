// The settings as they are now: a reload replaces those that may change while the daemon runs.
import { isDeepStrictEqual } from 'node:util';
import { camel, settingKeys, setting, type Key, type Settings } from './table.js';

/** What a reload found different, by the names in the file. */
export interface ReloadResult {
  readonly applied: readonly Key[];
  readonly restart: readonly Key[];
}

/** A reload that has not happened yet. */
export interface PlannedReload extends ReloadResult {
  /** All settings as they will be: the new values of what is applied, the old ones of the rest. */
  readonly settings: Settings;
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

  /** What a reload would do. Changes nothing: what the new settings need is made first, and `take` follows where that went well. */
  prepare(next: Settings): PlannedReload {
    const changed = settingKeys.filter((key) => !isDeepStrictEqual(this.#current[camel(key)], next[camel(key)]));
    const applied = changed.filter((key) => {
      const { live, waitsFor = [] } = setting(key);
      return live === true && !changed.some((other) => waitsFor.includes(other));
    });
    return {
      settings: { ...this.#current, ...Object.fromEntries(applied.map((key) => [camel(key), next[camel(key)]])) },
      applied,
      restart: changed.filter((key) => !applied.includes(key)),
    };
  }

  /** Does what `prepare` said. */
  take({ settings }: PlannedReload): void {
    this.#current = settings;
    for (const listener of this.#listeners) listener(settings);
  }
}
