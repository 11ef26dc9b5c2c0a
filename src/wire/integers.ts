// Tells whether a number in JSON is an integer (PROTOCOL.md §6). JSON.parse turns every number into a double, which has
// 53 bits: rounding makes integers of `9007199254740991.4` and `1.00000000000000000001`. So where a number has a point
// or an exponent, its digits decide. `1.0` and `1e2` are integers, as they are in mathematics.

/**
 * Matches a digit before a point or an exponent, which every number has that is not an integer. It may match inside a
 * string too.
 */
const suspicious = /[0-9][.eE]/;

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|-?[0-9][0-9.eE+-]*/gs;

const parts = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** Whether a JSON number is exactly an integer, of any size. */
export function isIntegerToken(text: string): boolean {
  const [, integral = '', fraction = '', exponent = '0'] = parts.exec(text) ?? [];
  const digits = integral + fraction;
  let significant = digits.length;
  while (significant > 0 && digits[significant - 1] === '0') significant -= 1;
  if (integral === '') return false;
  // Compares the places between the point and the last digit that is not 0 with the exponent.
  return significant === 0 || significant - integral.length <= Number(exponent);
}

/**
 * Replaces each number that only rounding made an integer by NaN, so that no check accepts it. It looks at the
 * object's own members alone.
 * @param json the valid JSON of an object
 * @param members what JSON.parse made of it
 */
export function unroundIntegers(json: string, members: Record<string, unknown>): void {
  if (!suspicious.test(json) || !Object.values(members).some(Number.isInteger)) return;
  for (const [name, text] of numbersOf(json)) {
    if (Number.isInteger(members[name]) && !isIntegerToken(text)) members[name] = Number.NaN;
  }
}

/**
 * The numbers among the object's own members, as they were written. Of several members with one name, the last counts.
 */
function numbersOf(json: string): ReadonlyMap<string, string> {
  const numbers = new Map<string, string>();
  let depth = 0;
  let [name, isValue] = ['', false];
  for (const [text] of json.matchAll(token)) {
    if (text === '{' || text === '[') {
      depth += 1;
    } else if (text === '}' || text === ']') {
      depth -= 1;
    } else if (depth !== 1) {
      continue;
    } else if (text === ':') {
      isValue = true;
      continue;
    } else if (isValue && text !== ',') {
      if (!text.startsWith('"')) numbers.set(name, text);
    } else if (text.startsWith('"')) {
      name = JSON.parse(text) as string;
      numbers.delete(name);
    }
    isValue = false;
  }
  return numbers;
}
