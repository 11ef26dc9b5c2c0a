// Sentences and their words (src/wire/words.ts, protocol/words).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { encodeRefusal } from '../../src/wire/encode.js';
import { defaultFormat, formatOf } from '../../src/wire/format.js';
import { code } from '../../src/wire/generated/codes.js';
import { words } from '../../src/wire/generated/words.js';
import { errorOf, refusal } from '../../src/wire/refusal.js';
import { inWords, say, verbatim, type SentenceKey } from '../../src/wire/words.js';
import { placesOf, wordsModule } from '../../tools/words.js';
import { root } from '../support/daemon.js';
import { protocol } from '../support/protocol.js';

t.test('a sentence has its values in their places, numbers as digits and sentences in its language', async (t) => {
  t.equal(inWords(say('missing', { field: 'room' }), 'en'), 'room is missing');
  t.equal(inWords(say('line_too_long', { bytes: 16384 }), 'en'), 'the line is longer than 16384 bytes');
  const problem = say('must_be', { rule: verbatim('red') });
  t.equal(inWords(say('invalid', { field: 'colour', problem }), 'en'), 'colour must be red');
  t.equal(inWords(say('not_json'), 'en'), 'the line begins with { and is not a JSON object');
});

t.test('the compiler refuses unknown keys, missing values and values without a place', async (t) => {
  // @ts-expect-error there is no such key
  t.ok(say('nonsense'));
  // @ts-expect-error a value is missing
  t.ok(say('missing', {}));
  // @ts-expect-error all values are missing
  t.ok(say('missing'));
  // @ts-expect-error the sentence has no such place
  t.ok(say('missing', { field: 'room', fields: 'room' }));
  // @ts-expect-error the sentence has no places
  t.ok(say('muted', { room: 'lobby' }));
});

t.test('whatever a value holds stands there as it is, places and dollar signs included', async () => {
  const keys = Object.keys(words.en) as SentenceKey[];
  const tricky = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('{field}', '$&', '$1', '{', '}}', '{reason}'),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...keys),
      fc.constantFrom('en', 'fr'),
      fc.infiniteStream(tricky),
      (key, language, some) => {
        const sentence = words[language][key];
        const values = Object.fromEntries(placesOf(sentence).map((name) => [name, some.next().value]));
        const parts = sentence.split(/\{([a-z_]+)\}/);
        const expected = parts.map((part, at) => (at % 2 === 0 ? part : String(values[part]))).join('');
        return inWords({ key, values }, language) === expected;
      },
    ),
  );
  fc.assert(fc.property(tricky, (text) => inWords(verbatim(text), 'fr') === text));
});

/** The words of the founding specification, by code and command. */
const founding = [
  [code.failed, 'join_chatroom', 'Échec pour une raison indéterminée'],
  [code.missing_field, 'leave_chatroom', 'Il manque un champ dans la requète'],
  [code.refused, 'create_user', "L'utilisateur existe déjà"],
  [code.refused, 'authenticate_user', "Échec de l'authentification"],
  [code.refused, 'authenticate_token', "Échec de l'authentification"],
] as const;

t.test('in French a refusal of code 2, 3 or 4 begins with the words of the founding specification', async (t) => {
  const keys = Object.keys(words.en) as SentenceKey[];
  for (const [number, command, begin] of founding) {
    for (const key of keys) {
      const error = { key, values: {} };
      const french = inWords(errorOf({ code: number, error, command }), 'fr');
      if (french !== `${begin} : ${inWords(error, 'fr')}`) t.fail(`${number} of ${command}: ${french}`);
      const english = inWords(errorOf({ code: number, error, command }), 'en');
      if (english !== inWords(error, 'en')) t.fail(`${number} of ${command}: ${english}`);
    }
  }
  const missing = refusal('missing_field', say('missing', { field: 'username' }), { field: 'username' });
  t.equal(
    encodeRefusal(missing, formatOf({ ...defaultFormat, language: 'fr' })),
    '3\t{"error":"Il manque un champ dans la requète : username","field":"username"}\n',
  );
  t.match(encodeRefusal(missing), '"username is missing"');
  for (const { code: number, french } of protocol.codes)
    for (const [of, , begin] of founding) if (of === number) t.match(french, begin);
});

t.test('the generator refuses a French catalogue that has not the same sentences and places', async (t) => {
  const { en, fr } = protocol.words;
  const wrong = (errors: Readonly<Record<string, string>>): void =>
    void wordsModule({ en, fr: { ...fr, errors: { ...fr.errors, ...errors } } });
  t.throws(() => wrong({ nonsense: 'rien' }), { message: /fr\.json: nonsense is in no other language/ });
  t.throws(() => wrong({ missing: '{champ}' }), { message: /missing has other \{places\} than in English: field/ });
  const { muted: _, ...rest } = fr.errors;
  t.throws(() => wordsModule({ en, fr: { ...fr, errors: rest } }), { message: /muted is missing/ });
  t.throws(() => wordsModule({ en, fr: { ...fr, summaries: {} } }), { message: /summaries\.ping is missing/ });
});

t.test('no sentence stands twice in a catalogue', async (t) => {
  for (const language of ['en', 'fr']) {
    const text = readFileSync(join(root, `protocol/words/${language}.json`), 'utf8');
    for (const section of text.split(/^ {2}"/m).slice(1)) {
      const keys = Array.from(section.matchAll(/^ {4}"([^"]+)":/gm), ([, key = '']) => key);
      t.ok(keys.length > 0, section.slice(0, 20));
      t.equal(new Set(keys).size, keys.length, `${language}: ${section.slice(0, 20)}`);
    }
  }
});

t.test('each sentence is said somewhere', async (t) => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n');
  // Rules and summaries are said by the name of what they describe.
  const described = /^(?:rules|summaries)\./;
  const unsaid = Object.keys(words.en).filter((key) => !described.test(key) && !sources.includes(`'${key}'`));
  t.same(unsaid, []);
});
