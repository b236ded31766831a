import { toYaml } from '../../src/cli/document';
import { applicationDocument } from '../../src/cli/resources/resource-document';
import { applicationTable, detailsTable, unitTable } from '../../src/cli/resources/resource-table';
import type { ApplicationResources } from '../../src/model';
import { goldenFile, goldenLines } from '../tools/golden-files';

const commands = goldenFile('cli.jsonl');

interface Recorded {
  readonly id: string;
  readonly command: string;
  readonly input: ApplicationResources;
  readonly stdout: string;
}

/** What the verb prints. */
function printed({ command, input }: Recorded): string {
  const [, , target = '', ...flags] = command.split(' ');
  if (flags.includes('yaml')) return toYaml(applicationDocument(input));
  const details = flags.includes('--details');
  if (target.includes('/')) return unitTable(input, target, details);
  return details ? detailsTable(input) : applicationTable(input);
}

(commands === undefined ? describe.skip : describe)('resources of the recorded client', () => {
  it('are printed in the same words', () => {
    const lines = goldenLines<Recorded>(commands).filter(({ command }) => command.startsWith('juju resources '));
    // The recorded input has no fingerprints: its JSON could not carry them.
    const without = (text: string): string => text.replace(/^( +fingerprint: ).*$/gm, '$1');
    expect(lines).not.toEqual([]);
    expect(lines.map((line) => without(printed(line)).replace(/: ""$/gm, ': '))).toEqual(
      lines.map(({ stdout }) => without(stdout)),
    );
  });
});
