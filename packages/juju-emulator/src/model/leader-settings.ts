import { isLeader } from './leadership';
import { ModelError } from './model-error';
import type { World } from './world';
import { isBefore4, unitOf } from './world';

/** Settings that a leader shares with its peers, in Juju before 4. */
export interface LeaderSettings {
  settings: Record<string, string>;
  /** Goes up with every change, from 1. */
  version: number;
}

/** Juju before 4 has leadership settings, and tells the other units of a change. */
export const hasLeaderSettings = (world: World): boolean => isBefore4(world);

/** The settings of an application; empty before anything was set. */
export const leaderSettingsOf = (world: World, application: string): LeaderSettings =>
  world.leaderSettings[application] ?? { settings: {}, version: 1 };

/** `leader-set`: at once; an empty value deletes its key; to set what is set already changes nothing. */
export function mergeLeaderSettings(world: World, unit: string, changes: Readonly<Record<string, string>>): void {
  const { application } = unitOf(world, unit);
  if (!isLeader(world, unit))
    throw new ModelError('not-leader', 'merge leadership settings', 'cannot write settings: not the leader');
  const { settings, version } = leaderSettingsOf(world, application);
  const merged = Object.fromEntries(Object.entries({ ...settings, ...changes }).filter(([, value]) => value !== ''));
  const same =
    Object.keys(merged).length === Object.keys(settings).length &&
    Object.entries(merged).every(([key, value]) => settings[key] === value);
  if (!same) world.leaderSettings[application] = { settings: merged, version: version + 1 };
}
