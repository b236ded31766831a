import { cleanLightLeftovers } from './light-host';
import { cleanModelFiles } from './model-files';
import type { LeftoverSelection } from './model-record';
import { cleanLeftovers } from './nspawn-host';

/**
 * Removes whatever the selected models (all without a selection) have on this host, real machines where this process is root.
 * Their controllers are killed first. @returns the names of the models of which something was found, sorted.
 */
export async function cleanHost(selection: LeftoverSelection = {}): Promise<string[]> {
  const found = [
    ...(process.getuid?.() === 0 ? await cleanLeftovers(selection) : []),
    ...(await cleanLightLeftovers(selection)),
    ...(await cleanModelFiles(selection)),
  ];
  return [...new Set(found)].sort();
}
