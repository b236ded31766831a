import { verifyHookTools } from '../../src/verify/hooktools';
import { goldenFile } from './golden-files';

/** Prints what differs, so that a failure says where. */
async function replay(path: string): Promise<{ matched: number; total: number; different: string[] }> {
  const { matched, total, differences } = await verifyHookTools(path);
  const different = differences.map(
    ({ id, where, expected, actual }) =>
      `${id} ${where}\n  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}`,
  );
  process.stdout.write(
    `${path}: matched ${matched} of ${total}\n${different.join('\n')}${different.length > 0 ? '\n' : ''}`,
  );
  return { matched, total, different };
}

const calls = goldenFile('hooktools.jsonl');
(calls === undefined ? test.skip : test)('recorded hook-tool calls', async () => {
  const { matched, total } = await replay(calls ?? '');
  expect(matched).toBe(total);
});

const yamlCalls = goldenFile('hooktools-yaml.jsonl');
(yamlCalls === undefined ? test.skip : test)('recorded yaml output, keys in random order apart', async () => {
  const { matched, total } = await replay(yamlCalls ?? '');
  expect(matched / total).toBeGreaterThanOrEqual(0.97);
});
