import { join } from 'node:path';
import { makeArchive } from '../execute/credentials-archive';
import { homeUser } from '../ports/paths';
import { done, failed, type Action } from './action';
import { debugFiles } from './debug-bundle';

/** `debug`: a bundle for whoever has to understand this unit from afar; works whatever state etcd is in, and changes nothing of it. */
export const action: Action = async ({ observe, execution }) => {
  const { files, paths, clock, owner, context } = execution;
  if ((await files.list(paths.home)) === null) {
    return failed(
      `There is no directory ${paths.home} on this unit to put the bundle into: make it for the user ${homeUser} (install -d -o ${homeUser} -m 750 ${paths.home}), then run the action again.`,
    );
  }
  const stamp = new Date(clock.now()).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const name = `debug-${stamp}`;
  const path = join(paths.home, `${name}.tar.gz`);
  const collected = await debugFiles(await observe(), execution);
  const archive = await makeArchive(name, collected, clock.now());
  const free = await files.freeBytes(paths.home);
  if (free < archive.length * 2) {
    return failed(
      `The disk of ${paths.home} has too little space for the bundle: free some MiB, then run the action again.`,
    );
  }
  // It holds no secret; still, addresses and names of keys are nobody's but the operators'.
  await files.writeAtomic(path, archive, { mode: 0o600, ...(owner === null ? {} : { owner: homeUser }) });
  const command = `juju scp ${context.unit}:${path} .`;
  return done({
    path,
    command,
    message: `Archive has been created at ${path}: copy it with "${command}".`,
    output: [
      `Archive has been created at ${path}; it holds no secrets:`,
      ...collected.map((one) => `  ${one.name}`),
      command,
    ].join('\n'),
  });
};
