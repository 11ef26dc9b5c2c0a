// The one way to skip a test. It is skipped with a reason in words; in CI, where `.ci/run` installs every program that the
// tests run (`CI=true`), a missing program fails the test file instead.

/** What `skip` of a test takes: the reason why it can't run here, or false where it can. */
export type Skip = string | false;

/**
 * Skips a test where something is missing that could be installed. Throws in CI.
 * @param why what is missing, and the command that installs it
 */
export function skipUnlessInstalled(installed: boolean, why: string): Skip {
  if (installed) return false;
  if (process.env['CI'] === 'true') throw new Error(`nothing may be missing in CI: ${why}`);
  return why;
}

/**
 * Skips a test where the machine or this Node.js can't do what it needs, whatever is installed. In CI too.
 * @param why what is needed, in words
 */
export function skipUnlessPossible(possible: boolean, why: string): Skip {
  return possible ? false : why;
}
