// Finds what JSON.parse accepts and the contract forbids (PROTOCOL.md §3, code 5). Both checks read the text, not the
// parsed value, because JSON.parse drops duplicate members, which may contain what is forbidden.

/** Whether brackets outside strings nest deeper than `depth`. `json` must be valid JSON. */
export function nestsDeeperThan(depth: number, json: string): boolean {
  // Two searches suffice for the common request: one object without an array in it.
  if (!json.includes('[') && !json.includes('{', 1)) return false;
  let open = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === '{' || character === '[') {
      open += 1;
      if (open > depth) return true;
    } else if (character === '}' || character === ']') {
      open -= 1;
    }
  }
  return false;
}

/**
 * Whether an escape makes a surrogate without its other half. `json` must be valid JSON decoded from UTF-8, which has
 * no lone surrogate unescaped.
 */
export function hasLoneSurrogate(json: string): boolean {
  if (!json.includes('\\u')) return false;
  let highEndsAt = -1;
  for (const match of json.matchAll(/\\(?:u([0-9a-fA-F]{4})|.)/gs)) {
    const unit = match[1] === undefined ? 0 : Number.parseInt(match[1], 16);
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    const followsHigh = highEndsAt === match.index;
    if (isLow !== followsHigh || (highEndsAt !== -1 && !followsHigh)) return true;
    highEndsAt = unit >= 0xd800 && unit <= 0xdbff ? match.index + match[0].length : -1;
  }
  return highEndsAt !== -1;
}
