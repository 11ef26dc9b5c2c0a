// The current settings. A reload replaces those that may change while the daemon runs.
import { isDeepStrictEqual } from 'node:util';
import { camel, setting, settingKeys, type Key, type Settings } from './table.js';

/** The settings that a reload found changed, by their names in the file. */
export interface ReloadResult {
  /** Those that the reload applied. */
  readonly applied: readonly Key[];
  /** Those that the next restart applies. */
  readonly restart: readonly Key[];
}

/** A reload that has not happened yet. */
export interface PlannedReload extends ReloadResult {
  /** All settings after the reload: new values where they are applied, old values elsewhere. */
  readonly settings: Settings;
}

/** The current settings. Calls listeners when a reload replaces them. */
export class LiveSettings {
  #current: Settings;
  readonly #listeners: ((settings: Settings) => void)[] = [];

  constructor(settings: Settings) {
    this.#current = settings;
  }

  /** The current settings. Read this each time instead of storing the object: a reload replaces it. */
  get current(): Settings {
    return this.#current;
  }

  /** Calls `listener` with all settings after each reload. */
  onChange(listener: (settings: Settings) => void): void {
    this.#listeners.push(listener);
  }

  /** Plans a reload to the settings `next`. Changes nothing: the caller first creates what the new settings need. */
  plan(next: Settings): PlannedReload {
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

  /** Applies a plan and tells the listeners. */
  apply({ settings }: PlannedReload): void {
    this.#current = settings;
    for (const listener of this.#listeners) listener(settings);
  }
}
