import { rm } from 'node:fs/promises';
import { parseStandbySettings } from '../domain/standby';
import { askHealth } from '../ports/ask-health';
import { NodeFiles } from '../ports/files-node';
import { makePaths } from '../ports/paths';
import { noCredentials, readCredentials } from '../ports/pem-credentials';
import { MemberLink } from './member-link';

const lookEveryMs = 2000;
/** A member that has a majority answers a read long before. */
const healthMs = 2000;

/** `standby-link ROOT [MS]`, run by systemd in ROOT without any hook: connects the proxy of this standby with a healthy member. */
export async function standbyLink([root = '/', everyMs]: readonly string[]): Promise<undefined> {
  const paths = makePaths(root);
  const files = new NodeFiles();
  const link = new MemberLink({
    members: async () => parseStandbySettings(await files.read(paths.standby.settings))?.members ?? [],
    credentials: async () => (await readCredentials(files, paths, 'server')) ?? noCredentials,
    health: (member, credentials) => askHealth(member, credentials, healthMs),
    changed: (through) => files.writeAtomic(paths.standby.through, `${through ?? ''}\n`, { mode: 0o644 }),
    say: (line) => void process.stdout.write(`${line}\n`),
    lookEveryMs: everyMs === undefined ? lookEveryMs : Number(everyMs),
  });
  process.chdir(root);
  // A killed one leaves it behind where systemd does not remove it.
  await rm(paths.standby.socket, { force: true });
  process.once('SIGTERM', () => process.exit(0));
  await link.listen(paths.standby.socket);
  await files.writeAtomic(paths.standby.link, `${(await files.read(paths.gate.release))?.trim() ?? ''}\n`, {
    mode: 0o644,
  });
  return undefined;
}
