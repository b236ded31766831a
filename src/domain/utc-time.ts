const two = (value: number): string => String(value).padStart(2, '0');

/** A time as `2026-11-21 05:12:15 UTC`, from milliseconds since the epoch (days to date after H. Hinnant, "chrono-compatible low-level date algorithms"). */
export function utcTime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const ofDay = ((seconds % 86_400) + 86_400) % 86_400;
  const clock = [ofDay / 3600, (ofDay % 3600) / 60, ofDay % 60].map((part) => two(Math.floor(part))).join(':');
  return `${year}-${two(month)}-${two(day)} ${clock} UTC`;
}

/** The reverse, from the parts of a date of the Gregorian calendar: milliseconds since the epoch. */
export function utcMilliseconds(
  ...[year, month, day, hour, minute, second]: readonly [number, number, number, number, number, number]
): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return ((((era * 146_097 + dayOfEra - 719_468) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
}

/** Milliseconds since the epoch of a time as ISO 8601 in UTC, such as `2026-11-21T05:12:15.000Z`; null for anything else. */
export function isoMilliseconds(text: string): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?Z$/.exec(text);
  if (parts === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  return utcMilliseconds(year, month, day, hour, minute, second) + Math.round(Number(`0.${parts[7] ?? 0}`) * 1000);
}
