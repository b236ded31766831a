import { renderMirrorSettings, runningText, type MirrorSettings } from './mirror';
import type { Observed } from './observed';
import { reportedMembers } from './recreating';
import { parseStandbySettings } from './standby';
import type { Step } from './step';

/** Keeps the configuration mirror running with what the options want. It runs the start gate's copy of the program, so it waits for it. */
export function planMirror({ mirror, gate, peers, standby }: Observed): readonly Step[] {
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
  const others = parseStandbySettings(standby.settings)?.members ?? reported;
  const settings: MirrorSettings = { others, entries: wanted };
  const text = renderMirrorSettings(settings);
  const running = runningText(gate.wanted, text);
  return mirror.settings === text && mirror.running === running ? [] : [{ kind: 'start-mirror', settings, running }];
}

/** A unit that leaves writes no more files and keys; what it wrote stays. */
export const planMirrorRemoval = ({ mirror }: Observed): readonly Step[] =>
  mirror.settings === null ? [] : [{ kind: 'remove-mirror' }];

/** Files that are not what their keys are, in words that stay the same while it is so. */
export function mirrorWarnings({ mirror }: Observed): readonly string[] {
  if (mirror.settings === null) return [];
  const edited = mirror.notes.filter(({ verdict }) => verdict === 'edited-here').map(({ file }) => file);
  return [
    ...(edited.length > 0 ? [`edited on this unit: ${edited.join(', ')} (check-config-sync)`] : []),
    ...mirror.notes.flatMap(({ file, verdict, why }) => (verdict === 'failed' ? [`${file}: ${why ?? 'failed'}`] : [])),
  ];
}
