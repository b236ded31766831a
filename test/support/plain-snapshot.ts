import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { etcdBinaries } from './etcd-binaries';
import type { LightModel } from './light-model';

/** What `etcdctl snapshot save` of this minor version writes of the cluster as it is, on the unit's own disk. */
export function savePlainSnapshot(model: LightModel, unit: string, minor: string): string {
  const directory = join(model.root(unit), 'home/ubuntu');
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'before.db');
  const pki = join(model.root(unit), 'etc/etcd/pki');
  const program = join(etcdBinaries().find(({ name }) => name.startsWith(`${minor}.`))?.directory ?? '', 'etcdctl');
  execFileSync(program, ['snapshot', 'save', path, `--endpoints=${model.endpoint(unit)}`], {
    env: {
      ETCDCTL_API: '3',
      ETCDCTL_CACERT: join(pki, 'ca.crt'),
      ETCDCTL_CERT: join(pki, 'client.crt'),
      ETCDCTL_KEY: join(pki, 'client.key'),
    },
    stdio: 'ignore',
  });
  return path;
}
