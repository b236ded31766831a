/** strconv.FormatFloat(f, 'g', -1, 64): the exponent form from 1e+06 on (Go's shortest 'g' has precision 6, not 21). */
export function formatFloatG(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return String(value);
}

/** encoding/json: the same rule as JavaScript's, except that it keeps the sign of zero. */
export function formatFloatJson(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
