import type { PortRange as ModelPortRange } from '../../model';
import type { PortRange } from '../../tools/port-range';

/** The model's range as hook tools have it. */
export const toToolRange = (range: ModelPortRange): PortRange => ({
  protocol: range.protocol as PortRange['protocol'],
  from: range.protocol === 'icmp' ? -1 : range.fromPort,
  to: range.protocol === 'icmp' ? -1 : range.toPort,
});

/** A hook tool's range as the model has it. */
export const toModelRange = (range: PortRange): ModelPortRange => ({
  protocol: range.protocol,
  fromPort: range.protocol === 'icmp' ? 0 : range.from,
  toPort: range.protocol === 'icmp' ? 0 : range.to,
});
