import { type VerifyResult, verifyFile } from '../../verify';
import { CliError } from '../cli-error';
import type { Registry } from '../program';

/** `matched N of M`, then the differences. */
export function formatVerification(path: string, result: VerifyResult, limit: number): string {
  const lines = [`${path}: matched ${result.matched} of ${result.total}`];
  for (const { id, where, expected, actual } of result.differences.slice(0, limit))
    lines.push(`  ${id}: ${where}`, `    recorded: ${expected}`, `    emulator: ${actual}`);
  if (result.differences.length > limit) lines.push(`  and ${result.differences.length - limit} more differences`);
  return `${lines.join('\n')}\n`;
}

export function registerVerify({ program, terminal }: Registry): void {
  program
    .command('verify <files...>')
    .description('replays recordings of Juju and says how many the emulator matches')
    .option('--limit <number>', 'how many differences to print a file', '20')
    .action(async (files: string[], flags: { limit: string }) => {
      let different = 0;
      for (const file of files) {
        const result = await verifyFile(file);
        terminal.out(formatVerification(file, result, Number(flags.limit)));
        different += result.total - result.matched;
      }
      if (different > 0) throw new CliError('', 1);
    });
}
