// A map with several values for each key. Presence uses it.

/** Sets of values by key. A key without values takes no memory. */
export class MultiMap<Key, Value> {
  readonly #sets = new Map<Key, Set<Value>>();

  /** Adds a value, if it is not there yet. */
  add(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  /** Removes a value, if it is there. */
  delete(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) === true && set.size === 0) this.#sets.delete(key);
  }

  /** Copies the values of the key, so that the caller can iterate while values are added and removed. */
  get(key: Key): readonly Value[] {
    return [...(this.#sets.get(key) ?? [])];
  }
}
