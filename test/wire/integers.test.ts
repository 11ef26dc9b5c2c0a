// An integer is one to its last digit (PROTOCOL.md §6): the token decides, not the double that JSON.parse makes of it.
// Held to exact arithmetic, for every integer parameter of clients' and operators' commands and for `ref`.

import fc from 'fast-check';
import t from 'tap';
import { isIntegerToken } from '../../src/wire/integers.js';
import { fieldRules } from '../../src/wire/generated/fields.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import { isRequest, parseRequest, parserOf } from '../../src/wire/request.js';
import { protocol } from '../support/protocol.js';

const max = 2n ** 53n - 1n;

/** The value of a JSON number as a fraction of integers, whatever its size. Exponents of the tests are small. */
function exact(token: string): { readonly over: bigint; readonly under: bigint } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const power = BigInt(exponent) - BigInt(fraction.length);
  return power >= 0n ? { over: digits * 10n ** power, under: 1n } : { over: digits, under: 10n ** -power };
}

/** The integer that a token is, if it is one of at most `limit` on either side of 0. */
function integer(token: string, limit = max): number | undefined {
  const { over, under } = exact(token);
  const value = over / under;
  return over % under === 0n && value <= limit && value >= -limit ? Number(value) : undefined;
}

const digits = fc.stringMatching(/^[0-9]{1,22}$/);
/** Numbers with a point or an exponent, thick with those that round to an integer or are one. */
const tokens = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1e0',
    '1.0',
    '1E2',
    '0e99',
    '0.0e-99',
    '10e-1',
    '9007199254740991.0',
    '9007199254740993',
    '9007199254740992',
    '9007199254740991.4',
    '90071992547409910e-1',
    '90071992547409914E-1',
    '1.00000000000000000001',
    '-1e-400',
    '1e400',
    '-9007199254740991.5',
  ),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.bigInt(0n, 2n ** 54n),
      fc.constantFrom(
        '',
        '.0',
        '.00',
        '.4',
        '.5',
        '.00000000000000000001',
        'e0',
        'e-1',
        'E+1',
        '0e-1',
        '00e-2',
        '.5e1',
      ),
    )
    // JSON has no 0 before another digit.
    .map((each) => each.join('').replace(/^(-?)0+(?=[0-9])/, '$1')),
  fc
    .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.option(fc.integer({ min: -400, max: 400 })))
    .map(
      ([sign, whole, fraction, exponent]) =>
        `${sign}${whole.replace(/^0+(?=.)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
    ),
);

t.test('a token is an integer exactly when the number that it writes is one', async () => {
  fc.assert(
    fc.property(tokens, (token) => isIntegerToken(token) === (exact(token).over % exact(token).under === 0n)),
    { numRuns: 5000 },
  );
});

t.test('exponents of any size decide at once', async (t) => {
  for (const zero of ['0e99999', '0e-99999', '-0.000E999999999999999999999', '0'])
    t.equal(isIntegerToken(zero), true, zero);
  t.equal(isIntegerToken('1e99999999999999999999'), true);
  t.equal(isIntegerToken('1e-99999999999999999999'), false);
  t.equal(isIntegerToken(`1${'0'.repeat(1000)}e-1000`), true);
  t.equal(isIntegerToken(`1${'0'.repeat(1000)}e-1001`), false);
});

const parseOperators = parserOf(Object.values(operatorSpecs));

/** Every integer parameter: what parses it, its command, and the request's other members. */
const places = [
  ...protocol.commands.map((spec) => [parseRequest, spec] as const),
  ...protocol.operator.commands.map((spec) => [parseOperators, spec] as const),
].flatMap(([parse, spec]) =>
  spec.parameters
    .filter(({ field }) => fieldRules[field]?.kind === 'integer')
    .map(({ name, field }) => {
      const isOther = (member: string): boolean => member !== name && spec.exclusive?.includes(member) !== true;
      const members = Object.fromEntries(Object.entries(spec.example.request).filter(([member]) => isOther(member)));
      return {
        parse,
        command: spec.name,
        name,
        rule: fieldRules[field] as { readonly min: number; readonly max: number; readonly orZero?: boolean },
        members,
      };
    }),
);

t.test('every integer parameter, and ref, is held to its token', async (t) => {
  t.ok(places.length >= 8, `${places.length} parameters`);
  for (const { parse, command, name, rule, members } of places) {
    fc.assert(
      fc.property(tokens, (token) => {
        const parsed = parse(`${JSON.stringify(members).slice(0, -1)},"${name}":${token}}`);
        const value = integer(token);
        const isInRange = value !== undefined && value >= rule.min && value <= rule.max;
        const good = isInRange || (rule.orZero === true && value === 0);
        return good
          ? isRequest(parsed) && (parsed.parameters as Record<string, number>)[name] === value
          : !isRequest(parsed) && parsed.code === 7 && parsed.field === name;
      }),
      {
        examples: [
          ['9007199254740991.4'],
          ['-1e-400'],
          ['1.00000000000000000001'],
          ['1.0'],
          ['1e2'],
          ['0e99999'],
          ['-0'],
        ],
      },
    );
    t.pass(`${command} ${name}`);
  }
  fc.assert(
    fc.property(tokens, (token) => {
      const parsed = parseRequest(`{"command":"ping","ref":${token}}`);
      const value = integer(token);
      return value === undefined
        ? !isRequest(parsed) && parsed.field === 'ref' && parsed.ref === undefined
        : isRequest(parsed) && parsed.ref === value;
    }),
  );
});

t.test(
  "the token that counts is the last of the request's own members with that name, however the name is written",
  async (t) => {
    const ref = (line: string): unknown => {
      const parsed = parseRequest(`{"command":"ping",${line}}`);
      return isRequest(parsed) ? parsed.ref : parsed.field;
    };
    t.equal(ref('"ref":1.00000000000000000001,"ref":2'), 2);
    t.equal(ref('"ref":2,"ref":1.00000000000000000001'), 'ref');
    t.equal(ref('"ref":2,"r\\u0065f":1.00000000000000000001'), 'ref');
    t.equal(ref('"ref" : 1.00000000000000000001 , "data" : "x"'), 'ref');
    t.equal(ref('"ref":1.0,"other":{"ref":1.00000000000000000001},"list":[{"ref":1.00000000000000000001}]'), 1);
    t.equal(ref('"other":[1.5,{"ref":1}],"ref":1.00000000000000000001'), 'ref');
    t.equal(
      ref('"a":true,"b":null,"ref":1e0,"c":false,"x":1.00000000000000000001'),
      1,
      'a member that is ignored is not looked at',
    );
    t.equal(ref('"a":true,"ref":1.00000000000000000001'), 'ref');
    t.equal(ref('"data":"\\",\\"ref\\":1.5","ref":7'), 7, 'nor is what stands in a string');
    t.equal(ref('"__proto__":1.00000000000000000001,"ref":7'), 7);
    t.equal(ref('"ref":1.00000000000000000001,"ref":"1.5"'), '1.5');
    t.equal(ref('"ref":1.00000000000000000001,"ref":null'), undefined);
    t.equal(ref('"ref":1.00000000000000000001,"ref":[1]'), 'ref');
  },
);

t.test('in the plain form digits are that integer, and nothing else is one', async (t) => {
  const duration = (text: string): unknown => {
    const parsed = parserOf([
      {
        ...operatorSpecs.drain,
        parameters: operatorSpecs.drain.parameters.map((each) => ({ ...each, required: true })),
      },
    ])(`drain ${text}`);
    return isRequest(parsed) ? Object.values(parsed.parameters)[0] : parsed.code;
  };
  t.equal(duration('60'), 60);
  t.equal(duration('0060'), 60);
  for (const text of ['60.0', '6e1', '-0', '9007199254740993', '1'.repeat(400), '٦٠']) t.equal(duration(text), 7, text);
});
