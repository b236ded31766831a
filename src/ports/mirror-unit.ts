import type { Paths } from './paths';

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
Restart=always
RestartSec=1
RestartSteps=5
RestartMaxDelaySec=30
TimeoutStopSec=5
KillMode=mixed
LimitNOFILE=1024
TasksMax=128
UMask=0022
PrivateTmp=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}
