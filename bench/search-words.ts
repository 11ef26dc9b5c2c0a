// Texts for the benches of the search: random words, as long as those of English and as often. Few are common and
// short, many are rare and longer.

const vocabulary = 50_000;

/** Words by their rank, the most common first. */
function makeWords(): readonly string[] {
  const words = new Set<string>();
  while (words.size < vocabulary) {
    const length = Math.max(
      1,
      Math.round(1.5 + 0.45 * Math.log2(words.size + 1) + 3 * (Math.random() + Math.random() - 1)),
    );
    words.add(
      Array.from({ length }, () => 'etaoinshrdlucmfwypvbgkjqxz'[Math.floor(26 * Math.random() ** 1.6)]).join(''),
    );
  }
  return [...words];
}

/** Words by their rank. */
export const words = makeWords();

/** Zipf's law: a word is as rare as its rank. */
const sums: number[] = [];
for (let [rank, sum] = [1, 0]; rank <= vocabulary; rank += 1) sums.push((sum += 1 / (rank + 2.7)));

function word(): string {
  const asked = Math.random() * (sums.at(-1) ?? 0);
  let [low, high] = [0, vocabulary - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < asked) low = middle + 1;
    else high = middle;
  }
  return words[low] ?? '';
}

/** A text of ten words on average, one as a rule, and sometimes many. */
export function newText(): string {
  return Array.from({ length: Math.min(80, 1 + Math.floor(-10 * Math.log(1 - Math.random()))) }, word).join(' ');
}
