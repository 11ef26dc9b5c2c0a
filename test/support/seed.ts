// Seeds for random tests, so that a run can be repeated.

/**
 * Draws the seed of a random test, or takes the one of `SALOND_TEST_SEED`, and prints it: with that seed the test makes
 * the same choices. fast-check prints seeds of its own when a property fails.
 */
export function testSeed(t: { comment(text: string): void }): number {
  const seed = Number(process.env['SALOND_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  t.comment(`SALOND_TEST_SEED=${seed} makes the same choices again`);
  return seed;
}
