import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { generation, unitName, url } from '../src/domain/ids';
import type { SourcedRecreation, StagedSnapshot } from '../src/domain/recreation';
import { adoptData, stageSnapshot } from '../src/execute/execute-recreation';
import type { Execution } from '../src/execute/execution';
import { prepareRestore } from '../src/execute/prepare-restore';
import { NodeFiles } from '../src/ports/files-node';
import { makePaths } from '../src/ports/paths';
import { ExecaProcesses } from '../src/ports/processes-execa';
import { installedTool } from '../src/ports/snapshot-tool';
import { plainRestore } from '../test/support/snapshots';
import { databaseBytes, LargeMember } from './large-member';
import type { Measurement } from './main';
import { pairedRatio, type Sample } from './sample';

const rounds = 3;
const mebibytes = databaseBytes / 1024 / 1024;

/**
 * From a snapshot file to a data directory in its place, both from the cache of the kernel. Plain: `etcdutl snapshot restore` with its check
 * of the hash. Ours: all that the action does with the same file on the only unit, verification and the rename included; what any operator has
 * to do besides (saving the present data, stopping and starting etcd) is in neither.
 */
export async function restoreBenchmarks(repository: string): Promise<Measurement> {
  await using member = await LargeMember.create(repository, 'objects');
  const paths = makePaths(member.root);
  const machine = { files: new NodeFiles(), paths, processes: new ExecaProcesses() };
  // The steps of a restore use no more of it.
  const execution = { ...machine, owner: null } as unknown as Execution;
  const saved = join(member.directory, 'saved.db');
  await member.save(saved);
  const tool = await installedTool(machine);
  const parts = { status: [] as number[], prepare: [] as number[] };
  const ours: number[] = [];
  const plain: number[] = [];
  const timed = async <T>(work: Promise<T>, into: number[]): Promise<T> => {
    const began = performance.now();
    const result = await work;
    into.push(performance.now() - began);
    return result;
  };
  const plainOnce = async (): Promise<void> => {
    const plainData = join(member.directory, 'plain');
    await timed(plainRestore(member.binaries, saved, plainData), plain);
    rmSync(plainData, { recursive: true });
  };
  const oursOnce = async (round: number): Promise<void> => {
    const began = performance.now();
    await mkdir(paths.recreation.directory, { recursive: true });
    const token = `etcd-2-${round}`;
    const scratch = paths.recreation.db('one');
    const target = { recreation: { token, bump: false }, name: 'etcd0', peerUrl: url('https://127.0.0.1:1') };
    const room = (): Promise<null> => Promise.resolve(null);
    const preparing = prepareRestore({ source: saved, scratch, tool, target, room }, execution);
    const verdict = await timed(preparing, parts.prepare);
    if (!verdict.good) throw new Error(verdict.why);
    const { sha256, revision, totalKeys: keys, hash, size, hasHash } = verdict;
    const recreation: SourcedRecreation = {
      generation: generation(2),
      token,
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
      founded: null,
      tried: null,
      problem: null,
      finishedAt: null,
    };
    const staged: StagedSnapshot = {
      ...{ recreation, db: scratch, size, hasHash, alone: true, checked: false, made: true },
      ...{ problem: null, damaged: false, takenAt: null, complete: true },
    };
    await stageSnapshot({ kind: 'stage-snapshot', staged }, execution);
    await adoptData(execution);
    ours.push(performance.now() - began);
    rmSync(paths.data, { recursive: true });
    rmSync(paths.recreation.directory, { recursive: true });
  };
  for (let round = 0; round < rounds; round += 1) {
    // What the one leaves to the disk must not always be at the cost of the other.
    if (round % 2 === 0) await plainOnce();
    await oursOnce(round);
    if (round % 2 === 1) await plainOnce();
    await timed(tool.status(saved), parts.status);
  }
  const samples: Sample[] = [
    { name: `a restore of ${mebibytes} MiB, from the file to data in place`, values: ours },
    { name: 'etcdutl snapshot restore', values: plain },
    { name: 'of it: verifying, and making the data meanwhile', values: parts.prepare },
    { name: 'etcdutl snapshot status, by itself', values: parts.status },
  ];
  const [one, other] = samples as [Sample, Sample];
  return {
    samples,
    ratios: [{ name: 'time of a restore / of etcdutl snapshot restore', value: pairedRatio(one, other), aim: 1.15 }],
    remarks: [],
  };
}
