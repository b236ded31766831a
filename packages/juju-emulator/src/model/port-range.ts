/** An open range of ports; ICMP has no ports (both 0). */
export interface PortRange {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
}

/** `80/tcp`, `8000-8010/udp`, `icmp`: Juju's notation. */
export function formatPortRange(range: PortRange): string {
  if (range.protocol === 'icmp') return 'icmp';
  return range.fromPort === range.toPort
    ? `${range.fromPort}/${range.protocol}`
    : `${range.fromPort}-${range.toPort}/${range.protocol}`;
}

/** Order of status output: protocol, then port. */
export const comparePortRanges = (a: PortRange, b: PortRange): number =>
  a.protocol === b.protocol ? a.fromPort - b.fromPort || a.toPort - b.toPort : a.protocol < b.protocol ? -1 : 1;

/** Same protocol and bounds. */
export const samePortRange = (a: PortRange, b: PortRange): boolean =>
  a.protocol === b.protocol && a.fromPort === b.fromPort && a.toPort === b.toPort;

/** True when the two ranges share a port. */
export const portRangesOverlap = (a: PortRange, b: PortRange): boolean =>
  a.protocol === b.protocol && a.fromPort <= b.toPort && b.fromPort <= a.toPort;
