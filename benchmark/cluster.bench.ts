import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Emulator } from '../packages/juju-emulator/src/index';
import type { Measurement } from './main';
import { median, pairedRatio, type Sample } from './sample';

const pairs = 21;
const formations = 3;

/** Runs in the hook context of a unit: one update-status hook of the packed charm, then `node -e 0` with the same Node. */
const pairScript = [
  'node=$PWD/bin/node',
  'a=$(date +%s%N); JUJU_DISPATCH_PATH=hooks/update-status ./dispatch >/dev/null 2>&1 || exit 1; b=$(date +%s%N)',
  '$node -e 0; c=$(date +%s%N)',
  'echo "$((b - a)) $((c - b))"',
].join('; ');

const healthy = (model: Emulator): boolean => {
  const units = Object.values(model.world.units).filter(({ name }) => name.startsWith('etcd/'));
  return units.length === 3 && units.every((unit) => unit.workloadStatus.message.startsWith('cluster is healthy'));
};

/** Resolves with the time when the condition first held, looking at each change of the model. */
function firstTime(model: Emulator, holds: () => boolean, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`not healthy in ${timeoutMs} ms`)), timeoutMs);
    const look = (): void => {
      if (!holds()) return;
      clearTimeout(deadline);
      unsubscribe();
      resolve(Date.now());
    };
    const unsubscribe = model.controller.store.subscribe(look);
    look();
  });
}

/** (a) update-status against `node -e 0`; (b) last certificate to healthy; (c) deploy of everything to healthy. */
export async function clusterBenchmarks(repository: string): Promise<Measurement> {
  execFileSync('node', [join(repository, 'script', 'pack.mjs'), '--arch', 'amd64', 'etcd', 'easyrsa'], {
    stdio: 'inherit',
  });
  const charm = (name: string): string =>
    join(
      repository,
      'dist',
      readdirSync(join(repository, 'dist')).find(
        (file) => file.startsWith(`${name}_`) && file.endsWith('-amd64.charm'),
      ) ?? '',
    );
  const etcd = execFileSync(join(repository, 'script', 'etcd-binaries'), ['3.5', '--print-path'], {
    encoding: 'utf8',
  }).trim();

  const hook: number[] = [];
  const node: number[] = [];
  const fromCertificate: number[] = [];
  const fromDeploy: number[] = [];
  for (let round = 0; round < formations; round += 1) {
    await using model = await Emulator.create({ seed: 1000 + round });
    const began = Date.now();
    await model.deploy(charm('easyrsa'), { name: 'easyrsa' });
    await model.deploy(charm('etcd'), { name: 'etcd', units: 3, resources: { etcd } });
    await model.integrate('etcd:certificates', 'easyrsa:client');
    const healthyAt = await firstTime(model, () => healthy(model), 170_000);
    fromDeploy.push(healthyAt - began);
    fromCertificate.push(healthyAt - lastCertificate(model));
    if (round > 0) continue;
    await model.settle({ timeoutMs: 60_000 });
    for (let pair = 0; pair < pairs; pair += 1) {
      const { stdout } = (await model.exec('etcd/1', pairScript)).results as { stdout?: string };
      const [one, other] = (stdout ?? '')
        .trim()
        .split(' ')
        .map((text) => Number(text) / 1e6);
      if (one === undefined || other === undefined || Number.isNaN(one))
        throw new Error(`no measurement in ${JSON.stringify(stdout)}`);
      hook.push(one);
      node.push(other);
    }
  }
  const samples: Sample[] = [
    { name: '(a) update-status, healthy cluster of three', values: hook },
    { name: '(a) node -e 0, right after it', values: node },
    { name: '(b) last certificate delivered -> cluster is healthy', values: fromCertificate },
    { name: '(c) juju deploy of everything -> cluster is healthy', values: fromDeploy },
  ];
  return {
    samples,
    ratios: [
      {
        name: '(a) update-status / node -e 0',
        value: pairedRatio({ name: '', values: hook }, { name: '', values: node }),
        aim: 4,
      },
      { name: '(b) seconds from certificate to healthy', value: median(fromCertificate) / 1000, aim: 5 },
    ],
    remarks: [],
  };
}

/** When the authority's last certificate was delivered: the end of the hook that issued it. */
function lastCertificate(model: Emulator): number {
  const issuing = model.log().filter(({ message }) => message.includes('issuing a server certificate'));
  const last = issuing.at(-1);
  if (last === undefined) throw new Error('the authority issued no certificate');
  return new Date(last.time).getTime();
}
