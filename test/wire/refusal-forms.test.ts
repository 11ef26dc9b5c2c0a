// A refusal in any format: its error is cut, and its `ref` stays where it fits (PROTOCOL.md §8.3).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { encodeRefusal } from '../../src/wire/encode.js';
import { refFits } from '../../src/wire/fixed-parts.js';
import { code } from '../../src/wire/generated/codes.js';
import { errorOf, refusal } from '../../src/wire/refusal.js';
import { inWords, verbatim } from '../../src/wire/words.js';
import { textIn } from '../support/cut-lines.js';
import { anyFormat, endless, read, sameRef } from '../support/format-lines.js';
import { anyRef, anyText } from '../support/line-values.js';
import { protocol } from '../support/protocol.js';

const parametersOf = new Map(protocol.commands.map(({ name, parameters }) => [name, parameters]));

t.test('refusals: the error is cut alone, and a `ref` that fits stays', async () => {
  const names = fc.constantFrom(...(Object.keys(code) as (keyof typeof code)[]).filter((name) => name !== 'ok'));
  const any = fc.record({
    command: fc.constantFrom(undefined, ...parametersOf.keys()),
    ref: fc.option(anyRef, { nil: undefined }),
    error: anyText.map((text) => `${text}.`),
    place: fc.option(fc.nat(5), { nil: undefined }),
    retryAfter: fc.constantFrom(undefined, 1, Number.MAX_SAFE_INTEGER),
  });
  fc.assert(
    fc.property(names, any, anyFormat, (name, { command, ref, error, place, retryAfter }, format) => {
      const field =
        place === undefined
          ? undefined
          : command === undefined
            ? 'command'
            : (parametersOf.get(command)?.[place]?.name ?? 'ref');
      const more = {
        ...(field === undefined ? {} : { field }),
        ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
      };
      const refused = refusal(name, verbatim(error), { command, ref, ...more });
      const whole = inWords(errorOf(refused), format.language);
      const line = read(encodeRefusal(refused, format), format, code[name]);
      if (line === undefined) return;
      const { command: gotCommand, ref: gotRef, error: gotError, ...others } = line.members;
      assert.equal(gotCommand, command);
      assert.deepEqual(others, more);
      assert.ok(gotError !== '' && whole.startsWith(textIn(line.members, 'error')));
      if (gotRef === undefined && ref !== undefined && ref !== '')
        assert.ok(command === undefined || !refFits(command, ref, format), 'a ref that fits is left out');
      else sameRef(gotRef, ref, format);
      const longer = error.slice(0, textIn(line.members, 'error').length + 2 + error.length - whole.length);
      if (gotError !== whole && gotRef !== undefined)
        assert.ok(
          Buffer.byteLength(encodeRefusal({ ...refused, error: verbatim(longer) }, endless(format))) > format.maxLine,
        );
    }),
    { numRuns: 4000 },
  );
});
