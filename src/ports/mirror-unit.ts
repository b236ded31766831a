import type { Paths } from './paths';
import { hardening, restartsForEver } from './unit-file';

/** The service of the configuration mirror: `etcd-config-mirror.service`. */
export const mirrorServiceName = 'etcd-config-mirror';

/**
 * etcd-config-mirror.service (systemd.service(5), systemd.exec(5)). It runs as root: whose files it writes, and what it reloads, is the
 * operator's to say. Not bound to etcd.service: it works through other members while the own one is stopped.
 */
export function renderMirrorUnit(paths: Paths): string {
  const { gate, root } = paths;
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=Keeps configuration files and keys of etcd in step
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
RuntimeDirectory=etcd-config-mirror
RuntimeDirectoryMode=0755
StateDirectory=etcd-mirror
ExecStart=${gate.node} --max-old-space-size=96 ${gate.program} config-mirror ${root}
${restartsForEver}
TimeoutStopSec=5
KillMode=mixed
LimitNOFILE=1024
TasksMax=128
UMask=0022
${hardening}

[Install]
WantedBy=multi-user.target
`;
}
