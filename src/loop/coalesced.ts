// Joins calls: whatever is asked for many times before it is done is done once.

/**
 * Makes a function that has `run` called once by `schedule`, however often it is called until then. `run` may call it
 * again.
 */
export function coalesced(schedule: (run: () => void) => void, run: () => void): () => void {
  let isScheduled = false;
  return () => {
    if (isScheduled) return;
    isScheduled = true;
    schedule(() => {
      isScheduled = false;
      run();
    });
  };
}
