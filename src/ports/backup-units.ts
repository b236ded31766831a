import type { BackupSettings } from '../domain/backup-schedule';
import type { Paths } from './paths';
import { strictHardening } from './unit-file';

/** `etcd-backup.timer` and its service. */
export const backupTimerName = 'etcd-backup';
/** `etcd-backup-drill.timer` and its service. */
export const drillTimerName = 'etcd-backup-drill';

const commandOf = { [backupTimerName]: 'backup-run', [drillTimerName]: 'drill-run' } as const;
const purposeOf = {
  [backupTimerName]: "Backup of this unit's etcd",
  [drillTimerName]: "Drill with the newest backup of this unit's etcd",
} as const;

export type BackupTimerName = keyof typeof commandOf;

/**
 * A service that ends by itself (systemd.service(5)). It is root's: it reads the client key and writes where the operator says. Any
 * number of runs in any time are allowed, and clients of etcd come first.
 */
export function renderBackupService(name: BackupTimerName, { gate, root }: Paths): string {
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=${purposeOf[name]}
After=etcd.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=${gate.node} --no-warnings ${gate.program} ${commandOf[name]} ${root}
TimeoutStartSec=12h
Nice=10
IOSchedulingClass=best-effort
IOSchedulingPriority=7
UMask=0022
${strictHardening}
ProtectSystem=full
`;
}

/** systemd.timer(5). Persistent: a run that fell into the time while the machine was off is made up for. */
export function renderBackupTimer(name: BackupTimerName, expression: string, settings: BackupSettings): string {
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=${purposeOf[name]}, by the option of the charm

[Timer]
OnCalendar=${expression}
RandomizedDelaySec=${settings.spreadSeconds}s
AccuracySec=1s
Persistent=yes

[Install]
WantedBy=timers.target
`;
}
