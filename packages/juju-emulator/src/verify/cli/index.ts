import { runVerb } from '../../cli/framework/super-command';
import { jujuFamilies } from '../../cli/verb-families';
import { Comparison } from '../comparison';
import type { Difference, VerifyResult } from '../result';
import { type ClientRecording, commandWords } from './client-recording';
import { RecordedSession } from './recorded-session';

/**
 * Runs recorded client commands on controllers that answer what was recorded: the whole verb, from its options to its exit code.
 * stdout, stderr and exit code are compared byte by byte.
 * @param lines parsed lines of cli.jsonl
 */
export async function verifyClient(lines: readonly unknown[]): Promise<VerifyResult> {
  const differences: Difference[] = [];
  let matched = 0;
  for (const line of lines) {
    const found = await differencesOf(line as ClientRecording);
    if (found.length === 0) matched += 1;
    differences.push(...found);
  }
  return { matched, total: lines.length, differences };
}

async function differencesOf(recording: ClientRecording): Promise<readonly Difference[]> {
  const comparison = new Comparison(recording.id);
  const [, verb = '', ...args] = commandWords(recording.command);
  let [stdout, stderr] = ['', ''];
  const code = await runVerb(jujuFamilies, verb, args, {
    terminal: { out: (text) => (stdout += text), err: (text) => (stderr += text) },
    open: () => new RecordedSession(recording),
  });
  compareTexts(comparison, 'stdout', recording.stdout, stdout);
  compareTexts(comparison, 'stderr', recording.stderr, stderr);
  comparison.expect('exit code', recording.exit, code);
  return comparison.differences;
}

/** Texts are equal byte by byte; where they are not, the first line that differs is told. */
export function compareTexts(comparison: Comparison, where: string, expected: string, actual: string): void {
  if (expected === actual) return;
  const [left, right] = [expected.split('\n'), actual.split('\n')];
  const line = left.findIndex((each, index) => each !== right[index]);
  const at = line < 0 ? left.length : line;
  comparison.expect(`${where} line ${at + 1}`, JSON.stringify(left[at] ?? null), JSON.stringify(right[at] ?? null));
}
