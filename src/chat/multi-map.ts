// A map with several values for a key, for presence.
/** Sets of values by key. A key without values takes no memory. */
export class MultiMap<Key, Value> {
  readonly #sets = new Map<Key, Set<Value>>();

  /** Adds a value. One that is there already stays once. */
  add(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  /** Takes a value away, if it is there. */
  delete(key: Key, value: Value): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) === true && set.size === 0) this.#sets.delete(key);
  }

  /** The values of the key now: a copy, which may be walked through while values come and go. */
  get(key: Key): readonly Value[] {
    return [...(this.#sets.get(key) ?? [])];
  }
}
