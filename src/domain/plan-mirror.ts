import { clusterAgreedWith } from './former-clusters';
import { renderMirrorSettings, runningText, type MirrorFacts, type MirrorSettings } from './mirror';
import type { Observed } from './observed';
import { reportedMembers } from './recreating';
import { parseStandbySettings } from './standby';
import type { Step } from './step';

/** Keeps the configuration mirror running with what the options want. It runs the start gate's copy of the program, so it waits for it. */
export function planMirror(observed: Observed): readonly Step[] {
  const { mirror, gate, peers, standby } = observed;
  const { wanted } = mirror;
  // Options that cannot be read: what is in place stays.
  if (wanted === null) return [];
  if (wanted.length === 0) return mirror.settings === null ? [] : [{ kind: 'remove-mirror' }];
  if (gate.installed !== gate.wanted) return [];
  const bags = [...peers.others.values()];
  // What a cluster that was given up has in its keys is nobody's configuration any more, also where it serves.
  const { former } = reportedMembers(bags, [], peers.application.value);
  const reported = bags
    .flatMap(({ clientUrl }) => (clientUrl === null || former.includes(clientUrl) ? [] : [clientUrl]))
    .sort();
  const standing = parseStandbySettings(standby.settings);
  // Who has no member is told by nobody which cluster the members are of.
  const cluster = standing === null ? clusterAgreedWith(observed) : null;
  const settings: MirrorSettings = { cluster, others: standing?.members ?? reported, entries: wanted };
  const text = renderMirrorSettings(settings);
  const running = runningText(gate.wanted, text);
  return mirror.settings === text && mirror.running === running ? [] : [{ kind: 'start-mirror', settings, running }];
}

/** A unit that leaves writes no more files and keys; what it wrote stays. */
export const planMirrorRemoval = ({ mirror }: Observed): readonly Step[] =>
  mirror.settings === null ? [] : [{ kind: 'remove-mirror' }];

/** Why the mirror keeps nothing in step, in words that stay the same while it is so; null where it does. */
export function mirrorWaiting({ notes }: MirrorFacts): string | null {
  const why = notes.find(({ verdict }) => verdict === 'other-cluster')?.why;
  return why === undefined ? null : `the configuration mirror waits: ${why ?? 'another cluster answers'}`;
}

/** Files that are not what their keys are, in words that stay the same while it is so. */
export function mirrorWarnings({ mirror }: Observed): readonly string[] {
  if (mirror.settings === null) return [];
  const waiting = mirrorWaiting(mirror);
  const edited = mirror.notes.filter(({ verdict }) => verdict === 'edited-here').map(({ file }) => file);
  return [
    ...(edited.length > 0 ? [`edited on this unit: ${edited.join(', ')} (check-config-sync)`] : []),
    ...(waiting === null ? [] : [waiting]),
    ...mirror.notes.flatMap(({ file, verdict, why }) => (verdict === 'failed' ? [`${file}: ${why ?? 'failed'}`] : [])),
  ];
}
