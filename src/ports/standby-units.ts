import { proxyEndpoint, type StandbySettings } from '../domain/standby';
import type { Paths } from './paths';
import { serviceUser } from './service-unit';
import { restartsForEver, strictHardening } from './unit-file';

/** The proxy that clients of a standby talk to: `etcd-grpc-proxy.service`. */
export const proxyServiceName = 'etcd-grpc-proxy';
/** Its link to the members: `etcd-standby-link.service`. */
export const linkServiceName = 'etcd-standby-link';

/** Both talk to other machines and to each other alone, and write nothing but what is gone with them. */
const confined = `${restartsForEver}
TimeoutStopSec=10
LimitNOFILE=65536
UMask=0077
ProtectSystem=strict
ProtectHome=yes
PrivateDevices=yes
${strictHardening}
CapabilityBoundingSet=
SystemCallFilter=@system-service`;

/**
 * etcd-grpc-proxy.service (systemd.service(5), systemd.exec(5)). Clients need a certificate of the authority: with --trusted-ca-file
 * etcd asks for one. It takes renewed certificates of its own by itself, everything else in `settings.proxy` at its start. It speaks
 * without TLS to the socket of the link alone, which only the user etcd can open. It keeps nothing on disk.
 */
export function renderProxyUnit(paths: Paths, architecture: string, settings: StandbySettings): string {
  const { proxy } = settings;
  const { pki, standby, current } = paths;
  const flags = [
    `--endpoints=unix://${standby.socket}`,
    `--listen-addr=${proxy.listen}`,
    // Where it asks itself (/proxy/health); from 3.6 on it does not run while it gets no answer there.
    `--advertise-client-url=${proxyEndpoint(settings).slice('https://'.length)}`,
    `--cert-file=${pki.serverCertificate}`,
    `--key-file=${pki.serverKey}`,
    `--trusted-ca-file=${pki.ca}`,
    `--listen-cipher-suites=${proxy.cipherSuites.join()}`,
  ];
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=Serves clients of an etcd cluster that this unit is no member of
Documentation=https://etcd.io/docs/
After=network-online.target ${linkServiceName}.service
Wants=network-online.target ${linkServiceName}.service
StartLimitIntervalSec=0

[Service]
Type=exec
User=${serviceUser}
Group=${serviceUser}
WorkingDirectory=${paths.root}
RuntimeDirectory=${proxyServiceName}
RuntimeDirectoryMode=0755
${architecture === 'arm64' ? 'Environment=ETCD_UNSUPPORTED_ARCH=arm64\n' : ''}ExecStartPre=/bin/sh -c 'cp ${standby.settings} ${standby.proxy}'
ExecStart=${current}/etcd grpc-proxy start ${flags.join(' ')}
${confined}

[Install]
WantedBy=multi-user.target
`;
}

/** etcd-standby-link.service: see src/standby/member-link.ts. Its directory is the user etcd's alone, for who opens the socket is let in. */
export function renderLinkUnit({ gate, root }: Paths): string {
  return `# Written by the etcd charm; changes are overwritten.
[Unit]
Description=Connects this standby of etcd with a healthy member of its cluster
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=${serviceUser}
Group=${serviceUser}
WorkingDirectory=${root}
RuntimeDirectory=${linkServiceName}
RuntimeDirectoryMode=0700
ExecStart=${gate.node} --max-old-space-size=64 ${gate.program} standby-link ${root}
${confined}

[Install]
WantedBy=multi-user.target
`;
}
