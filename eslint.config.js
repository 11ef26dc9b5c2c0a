// What the compiler can't see: promises that nobody waits for, switches that forget a case, values of no type. The layout
// is the formatter's (.prettierrc.json).
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** tap's subtests report to their parent, which waits for them. */
const tapSubtest = { from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' };

export default tseslint.config(
  { ignores: ['coverage/', 'dist/', 'node_modules/', 'tools/npm/', 'eslint.config.js'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // A number in a text says the same with and without `String()`.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `() => f()` is how a callback that answers nothing is written.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An `async` without `await` turns what it throws into a rejection, which its interface promises.
      '@typescript-eslint/require-await': 'off',
      // `_` is how a value that is left out is named: `const { password: _, ...rest }`, `for (const _ of ten)`.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_$', destructuredArrayIgnorePattern: '^_$', ignoreRestSiblings: true },
      ],
      // Spreading a text gives its code points, which is what the contract counts.
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
      // Bytes and columns are looked at by index, and text is matched for control characters on purpose.
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
