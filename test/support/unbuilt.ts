// What protocol/ says already although no command has it yet. Whoever builds one takes its line out; a test fails until
// then. Lines stand apart, so that two branches can each take one out.

/** Fields that no parameter has yet. */
export const unbuiltFields: readonly string[] = [];

/** Events that nobody sends yet. */
export const unbuiltEvents: readonly number[] = [];
