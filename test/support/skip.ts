// The only way to skip a test. A skipped test has a reason in words. In CI (`CI=true`) `.ci/run` installs every program
// that the tests need, so a missing program fails the test file there.

/** The value of a test's option `skip`: the reason why the test can't run here, or false if it can. */
export type Skip = string | false;

/**
 * Skips a test if something is missing that could be installed. Throws in CI.
 * @param why what is missing, and the command that installs it
 */
export function skipUnlessInstalled(installed: boolean, why: string): Skip {
  if (installed) return false;
  if (process.env['CI'] === 'true') throw new Error(`nothing may be missing in CI: ${why}`);
  return why;
}

/**
 * Skips a test that needs something that this machine or this Node.js can't do, whatever is installed. Also skips in
 * CI.
 * @param why what is needed, in words
 */
export function skipUnlessPossible(possible: boolean, why: string): Skip {
  return possible ? false : why;
}
