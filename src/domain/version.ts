import { etcdVersion, type EtcdVersion } from './ids';

/** The oldest version whose learners and API this charm can work with. */
export const minimumVersion = etcdVersion('3.4.0');

const numbers = (version: EtcdVersion): readonly number[] => version.split('.').map(Number);

/** Negative when `one` is older than `other`, 0 when equal. */
export function compareVersions(one: EtcdVersion, other: EtcdVersion): number {
  const [a, b] = [numbers(one), numbers(other)];
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
}

/** `3.5` of `3.5.16`: members of one cluster must share it, but for a rolling upgrade. */
export const minorOf = (version: EtcdVersion): string => version.split('.').slice(0, 2).join('.');

export const isAtLeast = (version: EtcdVersion, major: number, minor: number): boolean =>
  compareVersions(version, etcdVersion(`${major}.${minor}.0`)) >= 0;
