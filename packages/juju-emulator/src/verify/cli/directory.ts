import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { MapDocument, toJson, toYaml } from '../../cli/document';
import { runVerb } from '../../cli/framework/super-command';
import { jujuFamilies } from '../../cli/verb-families';
import { Session } from '../../cli/session';
import { Comparison } from '../comparison';
import type { VerifyResult } from '../result';

/** One command of a recorded operator: `NNN-name.json`. Its format is told by the README beside the recordings. */
interface RecordedCommand {
  readonly argv: readonly string[];
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

const commandFile = /^\d+-.*\.json$/;

/** True for a directory of recorded client commands. */
export function isClientDirectory(path: string): boolean {
  if (!existsSync(path) || !statSync(path).isDirectory()) return false;
  const [first] = readdirSync(path).filter((name) => commandFile.test(name));
  if (first === undefined) return false;
  const content = JSON.parse(readFileSync(join(path, first), 'utf8')) as Partial<RecordedCommand>;
  return Array.isArray(content.argv) && typeof content.rc === 'number';
}

/** A document with the keys in the order they stand in, numbers as they were written. */
function ordered(node: unknown): unknown {
  if (isMap(node)) {
    const entries = Object.fromEntries(
      node.items.map(({ key, value }) => [
        isScalar(key) ? String(key.source ?? key.value) : String(key),
        ordered(value),
      ]),
    );
    // Keys that are numbers are those of Go's maps; JavaScript would put them in an order of its own.
    return Object.keys(entries).some((key) => /^\d+$/.test(key)) ? new MapDocument(entries) : entries;
  }
  if (isSeq(node)) return node.items.map(ordered);
  return isScalar(node) ? node.value : null;
}

const formatOf = (argv: readonly string[]): string | undefined => {
  const at = argv.indexOf('--format');
  const given = at >= 0 ? argv[at + 1] : argv.find((word) => word.startsWith('--format='))?.slice('--format='.length);
  return given === 'json' || given === 'yaml' ? given : undefined;
};

/**
 * Judges what can be judged of commands without their model: calls that are refused as they stand (exit code 2) are made again, and
 * documents are printed again from what they say. All else needs the model: see `verify` of the directory above.
 */
export async function verifyClientDirectory(path: string): Promise<VerifyResult> {
  const differences = [];
  let [matched, total] = [0, 0];
  for (const name of readdirSync(path)
    .filter((each) => commandFile.test(each))
    .sort()) {
    const command = JSON.parse(readFileSync(join(path, name), 'utf8')) as RecordedCommand;
    const comparison = new Comparison(name.replace(/\.json$/, ''));
    const format = formatOf(command.argv);
    if (command.rc === 2) {
      let stderr = '';
      const code = await runVerb(jujuFamilies, command.argv[1] ?? '', command.argv.slice(2), {
        terminal: { out: () => undefined, err: (text) => (stderr += text) },
        open: (model) => new Session(model ?? ''),
      });
      comparison.expect('exit code', command.rc, code);
      comparison.expect('stderr', command.stderr, stderr);
    } else if (command.rc === 0 && format !== undefined && command.stdout !== '') {
      const document = ordered(parseDocument(command.stdout, { version: '1.1', schema: 'core' }).contents);
      comparison.expect('document', command.stdout, format === 'json' ? toJson(document) : toYaml(document));
    } else continue;
    total += 1;
    if (comparison.differences.length === 0) matched += 1;
    differences.push(...comparison.differences);
  }
  return { matched, total, differences };
}
