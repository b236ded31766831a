import { quote } from '../format/go-quote';
import { usageError } from './tool-error';

/** A range of ports as open-port takes it. icmp has no ports: both ends are -1. */
export interface PortRange {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly from: number;
  readonly to: number;
}

export function samePortRange(left: PortRange, right: PortRange): boolean {
  return left.protocol === right.protocol && left.from === right.from && left.to === right.to;
}

export function portRangesOverlap(left: PortRange, right: PortRange): boolean {
  return left.protocol === right.protocol && left.from <= right.to && right.from <= left.to;
}

/** By protocol, then by port. */
export function sortPortRanges(ranges: readonly PortRange[]): PortRange[] {
  return [...ranges].sort(
    (left, right) =>
      (left.protocol < right.protocol ? -1 : left.protocol > right.protocol ? 1 : 0) ||
      left.from - right.from ||
      left.to - right.to,
  );
}

/** `80/tcp`, `8000-8010/udp`, `icmp` */
export function formatPortRange({ protocol, from, to }: PortRange): string {
  if (protocol === 'icmp') return 'icmp';
  return `${from === to ? from : `${from}-${to}`}/${protocol}`;
}

function parsePort(text: string): number {
  const failure = (why: string): Error =>
    usageError(`invalid port ${quote(text)}: strconv.Atoi: parsing ${quote(text)}: ${why}`);
  if (!/^[-+]?[0-9]+$/.test(text)) throw failure('invalid syntax');
  const port = Number(text);
  if (!Number.isSafeInteger(port)) throw failure('value out of range');
  return port;
}

/**
 * Parses `80`, `80-90`, `80/udp`, `icmp` in any case.
 * @throws ToolError (exit 2) with the agent's words.
 */
export function parsePortRange(argument: string): PortRange {
  const text = argument.toLowerCase();
  const slash = text.indexOf('/');
  const ports = slash < 0 ? text : text.slice(0, slash);
  const protocol = slash < 0 ? 'tcp' : text.slice(slash + 1);
  if (ports === 'icmp') return { protocol: 'icmp', from: -1, to: -1 };
  const parts = ports.split('-');
  if (parts.length > 2) throw usageError(`invalid port range ${quote(ports)}`);
  const from = parsePort(parts[0] ?? '');
  const to = parts.length === 2 ? parsePort(parts[1] ?? '') : from;
  if (protocol === 'icmp') throw usageError(`protocol "icmp" doesn't support any ports; got "${from}"`);
  if (protocol !== 'tcp' && protocol !== 'udp') {
    throw usageError(`invalid protocol ${quote(protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (from > to) throw usageError(`invalid port range ${from}-${to}/${protocol}`);
  if (from < 0 || to > 65535) {
    throw usageError(`port range bounds must be between 0 and 65535, got ${from}-${to}`);
  }
  return { protocol, from, to };
}
