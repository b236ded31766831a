import type { ActionResults } from '@juju/charm-helpers-ts';
import { desiredFrom } from '../domain/desired';
import type { CertificateFacts, Observed } from '../domain/observed';
import { backupWarnings } from '../domain/plan-backup';
import { spaceUses, spaceWarnings, type SpaceUse } from '../domain/space';
import { utcTime } from '../domain/utc-time';
import { formatBytes } from './table';

/** A part of `health` beside the members: lines for people, the same as data, and what is not well though the cluster serves. */
export interface HealthSection {
  readonly lines: readonly string[];
  readonly results: ActionResults;
}

const keyOf = { 'aside-limit': 'aside', 'snapshot-limit': 'snapshots', 'log-limit': 'logs' } as const;

const limitText = ({ limit }: SpaceUse): string => (limit === null ? 'no limit' : `limit ${formatBytes(limit)}`);

/** What only the operator frees on this unit, against its limits. */
export function spaceSection(observed: Observed): HealthSection {
  const { desired } = desiredFrom(observed.config);
  if (desired === null) return { lines: [], results: {} };
  const uses = spaceUses(observed, desired);
  const told = uses.map((use) => {
    const bytes = use.bytes === null ? 'unknown' : formatBytes(use.bytes);
    return `${use.what} ${bytes} (${limitText(use)})`;
  });
  const free = observed.disk.freeBytes.known ? [`free ${formatBytes(observed.disk.freeBytes.value)}`] : [];
  const warnings = spaceWarnings(observed, desired).map((line) => `warning: ${line}`);
  return {
    lines: [`space on ${observed.unit.name}: ${[...told, ...free].join(', ')}`, ...warnings],
    results: {
      space: {
        ...(observed.disk.freeBytes.known ? { free: observed.disk.freeBytes.value } : {}),
        ...Object.fromEntries(
          uses.map((use) => [keyOf[use.option], { bytes: use.bytes ?? 'unknown', limit: use.limit ?? 'none' }]),
        ),
      },
    },
  };
}

/** The last good backup of this unit and the last drill, and what is not well with them. */
export function backupSection(observed: Observed): HealthSection {
  const { lastGood, lastFailure, lastDrill } = observed.backup.state;
  const { desired } = desiredFrom(observed.config);
  const warnings = desired === null ? [] : backupWarnings(observed, desired).map((line) => `warning: ${line}`);
  const at = (time: string): string => utcTime(Date.parse(time));
  const good =
    lastGood === null
      ? 'none'
      : `${at(lastGood.manifest.takenAt)}, revision ${lastGood.manifest.revision}, ${lastGood.path}`;
  const drill =
    lastDrill === null ? 'none' : `${at(lastDrill.at)}, ${lastDrill.good ? 'good' : 'failed'}: ${lastDrill.said}`;
  return {
    lines: [
      `last good backup of ${observed.unit.name}: ${good}`,
      `last drill of ${observed.unit.name}: ${drill}`,
      ...warnings,
    ],
    results: {
      backup: {
        schedule: desired?.backups?.schedule ?? 'none',
        'last-good':
          lastGood === null
            ? 'none'
            : {
                time: at(lastGood.manifest.takenAt),
                path: lastGood.path,
                revision: lastGood.manifest.revision,
                keys: lastGood.manifest.totalKeys,
                size: lastGood.archiveSize,
              },
        ...(lastFailure === null ? {} : { 'last-failure': { time: at(lastFailure.at), why: lastFailure.why } }),
        'last-drill':
          lastDrill === null ? 'none' : { time: at(lastDrill.at), path: lastDrill.path, good: lastDrill.good },
      },
    },
  };
}

/** Until when the certificates of this unit are good. */
export function certificateSection({ tls, unit }: Observed): HealthSection {
  const ends = (['ca', 'server', 'client'] as const).flatMap((kind): (readonly [string, string])[] => {
    const facts: CertificateFacts | null = tls[kind];
    return facts === null || facts.unreadable !== null ? [] : [[kind, utcTime(facts.notAfter)]];
  });
  if (ends.length === 0) return { lines: [], results: {} };
  return {
    lines: [
      `certificates on ${unit.name} are good until: ${ends.map(([kind, until]) => `${kind} ${until}`).join(', ')}`,
    ],
    results: { certificates: Object.fromEntries(ends) },
  };
}
