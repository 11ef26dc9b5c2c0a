// What `npm run test:mutants` changes in a compiled file, and what it leaves alone.
import t from 'tap';
import { findMutations, mutate } from '../../tools/mutants/mutations.js';

/** The changes that are found in a text, in words. */
const changes = (text: string): string[] => findMutations(text).map(({ change }) => change);

t.test('conditions, comparisons, constants, statements and bodies are changed', async (t) => {
  t.same(changes('if (a) b();'), ['a → !(a)', 'removed: b();']);
  t.same(changes('x = a < b && !c;').sort(), [
    'a < b && !c → ((a < b) || !c)',
    'a < b → (a <= b)',
    'removed: x = a < b && !c;',
  ]);
  t.same(changes('let x = a ?? 1;'), ['a ?? 1 → (a && 1)', '1 → 2']);
  t.same(changes("let x = ok ? 'yes' : '';"), ['ok → !(ok)', "'yes' → ''"]);
  t.same(changes('function f() { n++; return; }'), [
    'returns at once',
    'n++ → n--',
    'removed: n++;',
    'removed: return;',
  ]);
});

t.test('imports, error messages and the sentences of refusals are left alone', async (t) => {
  t.same(changes("import a from 'b';"), []);
  t.same(changes("throw new Error('there is none');"), []);
  t.same(changes("let x = refusal('no_room', 'there is no such room');"), ["'no_room' → ''"]);
});

t.test('every mutation gives a program that can be parsed, and says where it stands', async (t) => {
  const text = 'class A { b(c) { while (c || d < 2) { e(); break; } return c + 1 ?? f; } }';
  for (const mutation of findMutations(text)) {
    t.equal(mutation.scope, 'A.b', mutation.change);
    const mutant = mutate(text, mutation);
    t.not(mutant, text);
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is parsed here, and not run
    t.doesNotThrow(() => new Function(mutant), mutant);
  }
});
