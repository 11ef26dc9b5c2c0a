// Tells whether objects are still in memory, for tests of what must be forgotten.
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The runtime itself may still hold the last objects of a kind, which it handled last. */
const heldByRuntime = 2;

/**
 * Collects garbage until at most two of the objects are left, or has collected fifty times. Answers how many are left
 * beyond those two.
 */
export async function leftOf(objects: readonly WeakRef<object>[]): Promise<number> {
  const left = (): number => Math.max(0, objects.filter((each) => each.deref() !== undefined).length - heldByRuntime);
  for (let rounds = 0; rounds < 50 && left() > 0; rounds += 1) {
    // A WeakRef that was read keeps its object until the turn ends.
    await turn();
    collectGarbage();
  }
  return left();
}

/** The bytes that JavaScript's objects take after a collection of garbage. */
export async function heapAfterCollection(): Promise<number> {
  await turn();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
