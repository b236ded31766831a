import { url, type Url } from '../domain/ids';
import type { Observed, UnitFacts } from '../domain/observed';

const addressInUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Where the own member would listen with the options as they are now. */
export function configuredEndpoint(unit: UnitFacts, config: Observed['config']): Url | null {
  const port = typeof config['port'] === 'number' ? config['port'] : 2379;
  if (config['bind_to_all_interfaces'] !== false) return url(`https://127.0.0.1:${port}`);
  return unit.clientBindAddress.known ? url(`https://${addressInUrl(unit.clientBindAddress.value)}:${port}`) : null;
}
