import { verifyEnvironments } from '../../src/verify/env';
import { verifyHookRuns } from '../../src/verify/hookruns';
import { verifyHookTools } from '../../src/verify/hooktools';
import { verifyFile } from '../../src/verify';
import type { VerifyResult } from '../../src/verify/result';
import { goldenFile } from './golden-files';
import { hasCompiler } from './compiler';
import knownDifferences from '../known-differences.json';

/** Prints what differs, so that a failure says where. */
function report(path: string, { matched, total, differences }: VerifyResult): void {
  process.stdout.write(`${path}: matched ${matched} of ${total}\n`);
  for (const { id, where, expected, actual } of differences) {
    process.stdout.write(`${id} ${where}\n  expected ${expected}\n  actual   ${actual}\n`);
  }
}

// Hundreds of processes: a busy computer takes longer than jest's 5 s.
jest.setTimeout(60_000);

describe('recordings', () => {
  const calls = goldenFile('hooktools.jsonl');
  (calls === undefined || !hasCompiler ? test.skip : test)('hook-tool calls', async () => {
    const result = await verifyHookTools(calls ?? '');
    report(calls ?? '', result);
    expect(result.matched).toBe(result.total);
  });

  const yamlCalls = goldenFile('hooktools-yaml.jsonl');
  (yamlCalls === undefined ? test.skip : test)('yaml output, keys in random order apart', async () => {
    const result = await verifyHookTools(yamlCalls ?? '');
    report(yamlCalls ?? '', result);
    expect(result.matched / result.total).toBeGreaterThanOrEqual(0.97);
  });

  const environments = goldenFile('env.jsonl');
  (environments === undefined ? test.skip : test)('environments', async () => {
    const result = await verifyEnvironments(environments ?? '');
    report(environments ?? '', result);
    expect(result.matched).toBe(result.total);
  });

  const answers = goldenFile('server.jsonl');
  (answers === undefined ? test.skip : test)("the controller's answers", async () => {
    const result = await verifyFile(answers ?? '');
    report(answers ?? '', result);
    const unexpected = result.differences.filter(({ id }) => !(id in knownDifferences));
    expect(unexpected).toEqual([]);
  });

  const runs = goldenFile('hookruns.jsonl');
  (runs === undefined || !hasCompiler ? test.skip : test)('hook runs', async () => {
    const result = await verifyHookRuns(runs ?? '');
    report(runs ?? '', result);
    expect(result.matched).toBe(result.total);
  });
});
