// Facts that requests change, as far as they are known from outside: from the reply to the last request that changes
// one until the next such request is sent.

/** Says what the fact is after a request, from what it was before; undefined where that is not known. */
export type Change<Value> = (before: Value | undefined) => Value | undefined;

/** One fact. */
export class Fact<Value> {
  #value: Value | undefined;
  #waiting = 0;
  /** How many requests that change it were sent. */
  changes = 0;
  #by: object | undefined;
  /** Whether the requests under way are those of several sessions, whose order nobody knows. */
  #isMixed = false;

  constructor(value: Value) {
    this.#value = value;
  }

  /** Undefined while it is not known. */
  get known(): Value | undefined {
    return this.#waiting === 0 ? this.#value : undefined;
  }

  /** Notes that a session sends a request that changes it. The answer is to be called when the reply is read. */
  change(by: object): (change: Change<Value>) => void {
    if (this.#waiting === 0) [this.#by, this.#isMixed] = [by, false];
    else if (this.#by !== by) this.#isMixed = true;
    this.#waiting += 1;
    this.changes += 1;
    return (change) => {
      this.#waiting -= 1;
      this.#value = this.#isMixed ? undefined : change(this.#value);
    };
  }
}
