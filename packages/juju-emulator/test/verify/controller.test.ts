import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../src/cli/main';
import { type KnownDifferences, notGiven, reasonFor } from '../../src/cli/verbs/verify';
import { verifyController } from '../../src/verify/controller';
import { goldenFile } from '../tools/golden-files';
import { hasCompiler } from '../tools/compiler';

const known = JSON.parse(
  readFileSync(join(__dirname, '../known-controller-differences.json'), 'utf8'),
) as KnownDifferences;

/** Some hundred hooks of a Python charm, each with some fifty tool calls: minutes on a busy host. */
const patienceMs = 900_000;

describe('a whole recorded controller', () => {
  const recording = goldenFile('controller');
  (recording === undefined || !hasCompiler ? test.skip : test)(
    'orders of hooks, environments and answers of hook tools',
    async () => {
      const result = await verifyController(recording ?? '', {
        seed: 1,
        without: notGiven(known),
        operate: async (argv) => {
          const [out, err]: [string[], string[]] = [[], []];
          const code = await runCli('juju', argv, {
            out: (text) => void out.push(text),
            err: (text) => void err.push(text),
          });
          return { code, stdout: out.join(''), stderr: err.join('') };
        },
      });
      const unknown = result.differences.filter(({ id }) => reasonFor(id, known) === undefined);
      process.stdout.write(
        `${recording ?? ''}: matched ${result.matched} of ${result.total}, ${result.moments} of them at another moment\n`,
      );
      for (const { id, where, expected, actual } of unknown)
        process.stdout.write(`${id} ${where}\n  recorded ${expected}\n  emulator ${actual}\n`);
      expect(result.total).toBeGreaterThan(0);
      expect(unknown).toEqual([]);
    },
    patienceMs,
  );
});
