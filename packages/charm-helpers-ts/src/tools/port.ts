import { runJson, stringListOf, unexpected, type ToolOutput } from './output';
import type { HookToolRunner } from './runner';

/** Ports as Juju opens them; `to` included. */
export type PortRange =
  { readonly protocol: 'tcp' | 'udp'; readonly from: number; readonly to: number } | { readonly protocol: 'icmp' };

export interface OpenedPort {
  readonly range: PortRange;
  /** The endpoints it is open for; `all` as is without `--endpoints`. */
  readonly endpoints: 'all' | readonly string[];
}

export interface PortOptions {
  readonly endpoints?: readonly string[];
}

export interface PortTools {
  /** `open-port`: kept only if the hook succeeds. A clash with another unit of the machine fails at once. */
  openPort(range: PortRange, options?: PortOptions): Promise<void>;
  /** `close-port`: kept only if the hook succeeds. */
  closePort(range: PortRange, options?: PortOptions): Promise<void>;
  /** `opened-ports --endpoints`: with what this hook opened and closed. */
  openedPorts(): Promise<readonly OpenedPort[]>;
}

export const tcp = (port: number, to = port): PortRange => ({ protocol: 'tcp', from: port, to });

/** `80/tcp`, `8000-8010/udp`, `icmp`. */
export function formatPortRange(range: PortRange): string {
  if (range.protocol === 'icmp') return 'icmp';
  return `${range.from === range.to ? range.from : `${range.from}-${range.to}`}/${range.protocol}`;
}

/** The reverse of {@link formatPortRange}; null where the text is no port range. */
export function parsePortRange(text: string): PortRange | null {
  if (text === 'icmp') return { protocol: 'icmp' };
  const [, from, to, protocol] = /^([0-9]+)(?:-([0-9]+))?\/(tcp|udp)$/.exec(text) ?? [];
  if (from === undefined) return null;
  return { protocol: protocol === 'tcp' ? 'tcp' : 'udp', from: Number(from), to: Number(to ?? from) };
}

const endpointArgs = (options: PortOptions): readonly string[] =>
  options.endpoints === undefined ? [] : ['--endpoints', options.endpoints.join(',')];

export const portTools = (runner: HookToolRunner): PortTools => ({
  openPort: async (range, options = {}) => {
    await runner.run('open-port', [formatPortRange(range), ...endpointArgs(options)]);
  },
  closePort: async (range, options = {}) => {
    await runner.run('close-port', [formatPortRange(range), ...endpointArgs(options)]);
  },
  openedPorts: async () => {
    const output = await runJson(runner, 'opened-ports', ['--endpoints']);
    return stringListOf(output).map((text) => openedPort(output, text));
  },
});

/** `80/tcp (*)` or `443/tcp (db, website)`. */
function openedPort(output: ToolOutput, text: string): OpenedPort {
  const [, port, endpoints] = /^(\S+)(?: \((.*)\))?$/.exec(text) ?? [];
  const range = parsePortRange(port ?? '');
  if (range === null) throw unexpected(output, 'port range');
  return { range, endpoints: endpoints === undefined || endpoints === '*' ? 'all' : endpoints.split(', ') };
}
