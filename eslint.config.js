// Finds what the compiler does not: promises that nothing awaits, switches that forget a case, values without a type.
// The formatter decides the layout (biome.json).
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** tap's subtests report to their parent, which waits for them. */
const tapSubtest = { from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' };

export default tseslint.config(
  // What is generated is compiled, and its generator is checked.
  { ignores: ['coverage/', 'dist/', 'node_modules/', 'src/wire/generated/', 'tools/npm/', 'eslint.config.js'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // `String()` around a number or boolean in a template would change nothing.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A callback that returns nothing may be written `() => f()`.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An `async` function without `await` is useful: it turns an exception into a rejection.
      '@typescript-eslint/require-await': 'off',
      // An unused value is named `_`: `const { password: _, ...rest }`, `for (const _ of ten)`.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_$', destructuredArrayIgnorePattern: '^_$', ignoreRestSiblings: true },
      ],
      // Spreading a string gives its code points, which the contract counts.
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
      // There are no enums: unions of literals vanish at compile time, and the two rules about enums take an eighth of
      // the linter's time.
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Write a union of literals.' }],
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Regular expressions match control characters on purpose.
      'no-control-regex': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: [tapSubtest] }],
    },
  },
);
