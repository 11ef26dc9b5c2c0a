// Turns the error of a failed read into a StoreFailure (code 2): a read changes nothing on disk.
import { StoreFailure } from '../store.js';
import { messageOf } from '../../text/reason.js';

/** Runs `read`. Turns any error into a StoreFailure: a read that fails has changed nothing. */
export async function reading<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw asReadFailure(error);
  }
}

/** Finds all at once. Where that fails, finds each by itself, because an error of one says nothing about the others. */
export async function readEach<Asked, Found>(
  asked: readonly Asked[],
  find: (asked: readonly Asked[]) => Promise<ReadonlyMap<number, Found>>,
): Promise<ReadonlyMap<number, Found | StoreFailure>> {
  try {
    return await find(asked);
  } catch {
    const each = new Map<number, Found | StoreFailure>();
    for (const [place, one] of asked.entries()) {
      const found = await find([one]).then((answers) => answers.get(0), asReadFailure);
      if (found !== undefined) each.set(place, found);
    }
    return each;
  }
}

function asReadFailure(error: unknown): StoreFailure {
  return error instanceof StoreFailure ? error : new StoreFailure(`salond.db can't be read: ${messageOf(error)}`);
}
