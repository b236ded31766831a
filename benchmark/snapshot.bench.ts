import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { backUp } from '../src/backup/back-up';
import { unitName, url } from '../src/domain/ids';
import { NodeFiles } from '../src/ports/files-node';
import { makePaths } from '../src/ports/paths';
import { ExecaProcesses } from '../src/ports/processes-execa';
import { LargeMember } from './large-member';
import type { Measurement } from './main';
import { pairedRatio, type Sample } from './sample';

const rounds = 3;

interface Taken {
  readonly megabytes: number;
  /** Most that the process had resident, MiB. */
  readonly resident: number;
}

/** What the action does on a unit, in a process of its own; prints a {@link Taken}. */
export async function snapshotProcess(root: string, endpoint: string, target: string, now: number): Promise<void> {
  const machine = { files: new NodeFiles(), paths: makePaths(root), processes: new ExecaProcesses() };
  const request = { unit: unitName('etcd/0'), endpoint: url(endpoint), target, now, leastRevision: 1n, owner: null };
  const { archiveSize } = await backUp(machine, request);
  const taken: Taken = { megabytes: archiveSize / 1e6, resident: process.resourceUsage().maxRSS / 1024 };
  console.log(JSON.stringify(taken));
}

/** Our archive, checked by etcd's own tool, against `etcdctl snapshot save`, of 1 GiB; both end when all is on the disk. */
export async function snapshotBenchmarks(repository: string): Promise<Measurement> {
  await using member = await LargeMember.create(repository, 'objects');
  const ours: number[] = [];
  const plain: number[] = [];
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [target, saved] = [join(member.directory, 'snapshots'), join(member.directory, 'saved.db')];
    let began = performance.now();
    await member.save(saved);
    plain.push(performance.now() - began);
    const call = [member.root, member.endpoint, target, Date.now()].map((part) => JSON.stringify(part)).join(', ');
    began = performance.now();
    const program = `void require(${JSON.stringify(__filename)}).snapshotProcess(${call})`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
    ours.push(performance.now() - began);
    taken.push(JSON.parse(stdout) as Taken);
    rmSync(saved);
    rmSync(target, { recursive: true });
  }
  const samples: Sample[] = [
    { name: 'a backup of 1 GiB, as the action takes it', values: ours },
    { name: 'etcdctl snapshot save', values: plain },
  ];
  const [one, other] = samples as [Sample, Sample];
  return {
    samples,
    ratios: [
      { name: 'time of a backup / of etcdctl snapshot save', value: pairedRatio(one, other), aim: 1.05 },
      { name: 'resident memory, MiB', value: Math.max(...taken.map(({ resident }) => resident)), aim: 200 },
    ],
    remarks: [`the archive has ${Math.round(taken[0]?.megabytes ?? 0)} MB`],
  };
}
