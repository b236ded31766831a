const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `since` of status documents: `2026-07-01 10:00:00Z` with --utc, `01 Jul 2026 10:00:00Z` without (the emulator's machines run in UTC). */
export function formatSince(time: string | null, utc: boolean): string {
  if (time === null) return '';
  const at = new Date(time);
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}Z`;
  if (utc) return `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${clock}`;
  return `${two(at.getUTCDate())} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${clock}`;
}

/** The controller's timestamp in the head line: `11:00:00` with --utc, `11:00:00Z` without. */
export function formatTimestamp(time: string | null, utc: boolean): string {
  if (time === null) return '';
  return `${time.slice(11, 19)}${utc ? '' : 'Z'}`;
}

/** Times of actions: `2026-07-01 10:00:02 +0000 UTC`, with a fraction when there is one. */
export function formatActionTime(time: string): string {
  const fraction = /\.(\d+)Z$/.exec(time)?.[1]?.replace(/0+$/, '') ?? '';
  return `${time.slice(0, 10)} ${time.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}

/** How long ago, as Juju tells it: `just now`, `5 seconds ago`, `1 minute ago`, `2 hours ago`; a date after a day. @param now milliseconds since 1970 */
export function friendlyDuration(time: string, now: number): string {
  const seconds = (now - new Date(time).getTime()) / 1000;
  const ago = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  if (seconds >= 86_400) return time.slice(0, 10);
  if (seconds >= 3600) return ago(Math.floor(seconds / 3600), 'hour');
  if (seconds >= 60) return ago(Math.floor(seconds / 60), 'minute');
  return seconds >= 2 ? ago(Math.floor(seconds), 'second') : 'just now';
}
