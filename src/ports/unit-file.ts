/** Goes on for ever, less and less often (systemd.service(5)). */
export const restartsForEver = `Restart=always
RestartSec=1
RestartSteps=5
RestartMaxDelaySec=30`;

/** What none of our programs needs, not even those that run as root and whatever an operator has them run (systemd.exec(5)). */
export const hardening = `PrivateTmp=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes`;

/** Beyond that, what a program does not need that starts nothing but itself. */
export const strictHardening = `${hardening}
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
SystemCallArchitectures=native`;
