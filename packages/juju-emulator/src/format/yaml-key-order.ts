const letter = /^\p{L}$/u;
const digit = /^\p{Nd}$/u;

function isDigit(rune: string | undefined): boolean {
  return rune !== undefined && digit.test(rune);
}

/** The number that starts at `start` (an int64 that overflows silently, as there) and where it ends. */
function readNumber(runes: readonly string[], start: number): { value: bigint; end: number } {
  let value = 0n;
  let end = start;
  for (; isDigit(runes[end]); end++) {
    value = BigInt.asIntN(64, value * 10n + BigInt((runes[end]?.codePointAt(0) ?? 0) - 0x30));
  }
  return { value, end };
}

function isLess(left: readonly string[], right: readonly string[]): boolean {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const a = left[i] ?? '';
    const b = right[i] ?? '';
    if (a === b) continue;
    const aLetter = letter.test(a);
    const bLetter = letter.test(b);
    const byCode = (a.codePointAt(0) ?? 0) < (b.codePointAt(0) ?? 0);
    if (aLetter && bLetter) return byCode;
    if (aLetter || bLetter) return bLetter;
    const aNumber = readNumber(left, i);
    const bNumber = readNumber(right, i);
    let aValue = aNumber.value;
    let bValue = bNumber.value;
    if (a === '0' || b === '0') {
      // A zero inside a number counts as a digit, not as padding.
      for (let j = i - 1; j >= 0 && isDigit(left[j]); j--) {
        if (left[j] !== '0') {
          const shift = (number: { value: bigint; end: number }): bigint =>
            BigInt.asIntN(64, 10n ** BigInt(number.end - i) + number.value);
          aValue = shift(aNumber);
          bValue = shift(bNumber);
          break;
        }
      }
    }
    if (aValue !== bValue) return aValue < bValue;
    if (aNumber.end !== bNumber.end) return aNumber.end < bNumber.end;
    return byCode;
  }
  return left.length < right.length;
}

/** Order of map keys in yaml output: natural numbers, letters after everything else. */
export function sortKeys(keys: readonly string[]): string[] {
  return keys
    .map((key) => [...key])
    .sort((left, right) => (isLess(left, right) ? -1 : isLess(right, left) ? 1 : 0))
    .map((runes) => runes.join(''));
}
