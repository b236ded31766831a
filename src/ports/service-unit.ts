import type { Paths } from './paths';
import { restartsForEver, strictHardening } from './unit-file';

/** The service's name: `etcd.service`. */
export const serviceName = 'etcd';
/** The user that etcd runs as. */
export const serviceUser = 'etcd';
/** How the start gate says that etcd must not start; anything else that befalls it does not stop the start. */
export const heldBackExitCode = 75;
/** The one-shot timer that wakes the charm. */
export const wakeName = 'etcd-charm-wake';

/**
 * etcd.service (systemd.service(5), systemd.exec(5)). Type=exec and not notify: etcd says "ready" only once it has a quorum, and a
 * boot must not wait for other machines. What the process was started with is written down by the start itself, so that it is true
 * after a crash or a reboot, too.
 */
export function renderServiceUnit(paths: Paths, architecture: string): string {
  const started = [
    `cp ${paths.configFile} ${paths.runningConfig}`,
    `basename "$(readlink ${paths.current})" > ${paths.runningVersion}`,
  ].join(' && ');
  const gate = `${paths.gate.node} ${paths.gate.program} start-gate check ${paths.root} || [ $? -ne ${heldBackExitCode} ]`;
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=etcd
Documentation=https://etcd.io/docs/
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=${serviceUser}
Group=${serviceUser}
RuntimeDirectory=etcd
RuntimeDirectoryMode=0755
${architecture === 'arm64' ? 'Environment=ETCD_UNSUPPORTED_ARCH=arm64\n' : ''}ExecStartPre=/bin/sh -c '${gate}'
ExecStartPre=/bin/sh -c '${started}'
ExecStart=${paths.current}/etcd --config-file=${paths.configFile}
${restartsForEver}
TimeoutStopSec=30
LimitNOFILE=65536
OOMScoreAdjust=-500
UMask=0077
${strictHardening}
ProtectSystem=strict
ReadWritePaths=${paths.volume}
ProtectHome=yes
PrivateDevices=yes
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
`;
}
