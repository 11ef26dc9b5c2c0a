// Joins calls: whatever is asked for several times before it runs is run once.

/**
 * Makes a function that hands `run` to `schedule`, which calls it later. Further calls until `run` begins do nothing;
 * one that `run` makes itself schedules it again.
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
