// Whether a number in JSON is an integer (PROTOCOL.md §6). JSON has one kind of number, and JSON.parse makes a double
// of it, which has room for 53 bits: `9007199254740991.4` and `1.00000000000000000001` become integers on the way. So
// the digits that came decide, where a number has a point or an exponent; `1.0` and `1e2` are integers, as they are in
// mathematics.

/** A digit before a point or an exponent: without one, a number is an integer. May also be found inside a string. */
const suspicious = /[0-9][.eE]/;

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|-?[0-9][0-9.eE+-]*/gs;

const parts = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** Whether the number that a JSON token writes is an integer, however great, to its last digit. */
export function isIntegerToken(text: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = parts.exec(text) ?? [];
  const digits = whole + fraction;
  let significant = digits.length;
  while (significant > 0 && digits[significant - 1] === '0') significant -= 1;
  if (whole === '') return false;
  // The last digit that is not 0 stands so many places right of the point.
  return significant === 0 || significant - whole.length <= Number(exponent);
}

/**
 * Puts NaN in the place of each number of the request's own members that rounding alone makes an integer, so that no
 * check takes it for one.
 * @param json the valid JSON of an object @param members what JSON.parse made of it
 */
export function unroundIntegers(json: string, members: Record<string, unknown>): void {
  if (!suspicious.test(json) || !Object.values(members).some(Number.isInteger)) return;
  for (const [name, text] of numbersOf(json)) {
    if (Number.isInteger(members[name]) && !isIntegerToken(text)) members[name] = Number.NaN;
  }
}

/** The numbers among the object's own members, as they are written. The last of members with one name counts. */
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
