import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generation, unitName, url } from '../src/domain/ids';
import type { SourcedRecreation, StagedSnapshot } from '../src/domain/recreation';
import { adoptData, checkStaged, restoreData, stageSnapshot } from '../src/execute/execute-recreation';
import type { Execution } from '../src/execute/execution';
import { verifyBackup } from '../src/ports/backup-verify';
import { NodeFiles } from '../src/ports/files-node';
import { makePaths } from '../src/ports/paths';
import { ExecaProcesses } from '../src/ports/processes-execa';
import { installedTool } from '../src/ports/snapshot-tool';
import { plainRestore } from '../test/support/snapshots';
import { LargeMember } from './large-member';
import type { Measurement } from './main';
import { pairedRatio, type Sample } from './sample';

const rounds = 3;

/** From a file to a data directory in its place: what the action does with it on the only unit, and `etcdutl snapshot restore`. */
export async function restoreBenchmarks(repository: string): Promise<Measurement> {
  await using member = await LargeMember.create(repository, 'objects');
  const paths = makePaths(member.root);
  const machine = { files: new NodeFiles(), paths, processes: new ExecaProcesses() };
  // The steps of a restore use no more of it.
  const execution = { ...machine, owner: null } as unknown as Execution;
  const saved = join(member.directory, 'saved.db');
  await member.save(saved);
  const parts = { verify: [] as number[], check: [] as number[], restore: [] as number[] };
  const ours: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const plainData = join(member.directory, 'plain');
    const timed = async <T>(work: Promise<T>, into: number[]): Promise<T> => {
      const began = performance.now();
      const result = await work;
      into.push(performance.now() - began);
      return result;
    };
    await timed(plainRestore(member.binaries, saved, plainData), plain);
    rmSync(plainData, { recursive: true });

    const began = performance.now();
    await mkdir(dirname(paths.recreation.db('one')), { recursive: true });
    const tool = await installedTool(machine);
    const verdict = await timed(verifyBackup(saved, { scratch: paths.recreation.db('one'), tool }), parts.verify);
    if (!verdict.good) throw new Error(verdict.why);
    const { sha256, revision, totalKeys: keys, hash, size, hasHash } = verdict;
    const recreation: SourcedRecreation = {
      generation: generation(2),
      token: `etcd-2-${round}`,
      purpose: 'restore',
      recovery: null,
      phase: 'create',
      creator: unitName('etcd/0'),
      units: [unitName('etcd/0')],
      version: tool.version,
      snapshot: { sha256, revision, keys, hash },
      bump: false,
      replaces: generation(1),
      lastRevision: null,
      touched: false,
      problem: null,
      finishedAt: null,
    };
    const staged: StagedSnapshot = {
      ...{ recreation, db: paths.recreation.db('one'), size, hasHash, alone: true, checked: false, made: false },
      ...{ problem: null, damaged: false, takenAt: null, complete: true },
    };
    await stageSnapshot({ kind: 'stage-snapshot', staged }, execution);
    await timed(checkStaged({ kind: 'check-staged', staged }, execution), parts.check);
    const step = { kind: 'restore-data', staged, name: 'etcd0', peerUrl: url('https://127.0.0.1:1') } as const;
    await timed(restoreData(step, execution), parts.restore);
    await adoptData(execution);
    ours.push(performance.now() - began);
    rmSync(paths.data, { recursive: true });
    rmSync(paths.recreation.directory, { recursive: true });
  }
  const samples: Sample[] = [
    { name: 'a restore of 1 GiB, from the file to data in place', values: ours },
    { name: 'etcdutl snapshot restore', values: plain },
    { name: 'of it: reading, copying and verifying the backup', values: parts.verify },
    { name: 'of it: reading the copy again', values: parts.check },
    { name: 'of it: etcdutl snapshot restore and its check', values: parts.restore },
  ];
  const [one, other] = samples as [Sample, Sample];
  return {
    samples,
    ratios: [{ name: 'time of a restore / of etcdutl snapshot restore', value: pairedRatio(one, other), aim: 1.15 }],
    remarks: [],
  };
}
