// The implicit types of Go's old YAML 1.1 library: which plain texts would not be read back as a string.
const words = new Set(
  [
    ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'],
    ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'],
    ...['', '~', 'null', 'Null', 'NULL'],
    ...['.nan', '.NaN', '.NAN'],
    ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
  ].values(),
);
export const nullWords: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

const integer = /^[-+]?(?:0[bB][01]+|0[oO][0-7]+|0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
// The exponent needs its sign and a leading zero stands alone: 1e3 and 0888 stay strings.
const float = /^[-+]?(?:(?:0|[1-9][0-9]*)?\.[0-9]+|0|[1-9][0-9]*)(?:[eE][-+][0-9]+)?$/;
const dotFloat = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/;
const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1, 4).map(Number);
  const [hour = 0, minute = 0, second = 0] = match
    .slice(4)
    .filter((part) => part !== undefined)
    .map(Number);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isInteger(text: string): boolean {
  if (!integer.test(text)) return false;
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-7])/, '0o');
  const value = BigInt(digits);
  if (negative) return value <= 1n << 63n;
  // ParseUint takes over above int64, and knows no plus sign.
  return value < (text.startsWith('+') ? 1n << 63n : 1n << 64n);
}

/** Whether an unquoted `text` is read as something else than a string (bool, null, number, timestamp). */
export function resolvesToOtherType(text: string): boolean {
  if (words.has(text)) return true;
  const first = text.charAt(0);
  if (first === '.') return dotFloat.test(text);
  if (!/[-+0-9]/.test(first)) return false;
  if (isTimestamp(text)) return true;
  const plain = text.replaceAll('_', '');
  if (isInteger(plain)) return true;
  return float.test(plain) && Number.isFinite(Number(plain));
}

/** Sexagesimal numbers are never read, but quoted for the sake of other parsers. */
export function isBase60(text: string): boolean {
  return base60.test(text);
}
