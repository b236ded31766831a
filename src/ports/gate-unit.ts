import type { Paths } from './paths';
import { serviceUser } from './service-unit';
import { restartsForEver, strictHardening } from './unit-file';

/** The responder's service: `etcd-gate.service`. */
export const gateServiceName = 'etcd-gate';

/**
 * etcd-gate.service (systemd.service(5), systemd.exec(5)): answers peers also while etcd is stopped, so nothing binds it to
 * etcd.service. Not after network-online: where its address is not there yet it fails and is started again.
 */
export function renderGateUnit(paths: Paths): string {
  const { gate, root } = paths;
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=Tells peers which generation of the etcd cluster this unit knows
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=${serviceUser}
Group=${serviceUser}
RuntimeDirectory=etcd-gate
RuntimeDirectoryMode=0755
ExecStart=${gate.node} --max-old-space-size=32 ${gate.program} start-gate answer ${root}
${restartsForEver}
TimeoutStopSec=5
LimitNOFILE=1024
TasksMax=64
UMask=0022
${strictHardening}
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
CapabilityBoundingSet=
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`;
}
