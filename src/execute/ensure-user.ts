import type { Execution } from './execution';

/** Makes the user that etcd runs as and that owns its files, where there is to be one. */
export async function ensureUser({ processes, paths, owner }: Execution): Promise<void> {
  if (owner === null) return;
  const found = await processes.run('getent', ['passwd', owner], { allowFailure: true });
  if (found.exitCode === 0) return;
  const args = ['--system', '--user-group', '--no-create-home', '--home-dir', paths.volume];
  await processes.run('useradd', [...args, '--shell', '/usr/sbin/nologin', owner]);
}
