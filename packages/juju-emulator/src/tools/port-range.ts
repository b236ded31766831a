/** A range of ports as open-port takes it. icmp has no ports: both ends are -1. */
export interface PortRange {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly from: number;
  readonly to: number;
}
