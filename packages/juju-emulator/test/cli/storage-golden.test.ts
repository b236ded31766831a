import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { toJson, toYaml } from '../../src/cli/document';
import { storageDocument, type StorageAnswer, type StorageDocument } from '../../src/cli/storage/storage-document';
import { statusStorageTable, storageTable } from '../../src/cli/storage/storage-table';
import { goldenFile, goldenLines } from '../tools/golden-files';

const commands = goldenFile('cli.jsonl');
const controller = goldenFile('controller/cli');

interface Recorded {
  readonly id: string;
  readonly command: string;
  readonly input: StorageAnswer | null;
  readonly stdout: string;
}

(commands === undefined ? describe.skip : describe)('storage answers of the recorded client', () => {
  const lines = goldenLines<Recorded>(commands);
  const ending = (words: string): Recorded[] => lines.filter(({ command }) => command.endsWith(words));

  it('end the status with their table', () => {
    const answers = lines.filter(({ command }) => command.includes('--storage'));
    const tables = answers.map(({ input }) => statusStorageTable(storageDocument(input)));
    expect(tables.filter((table) => table !== '')).not.toEqual([]);
    expect(answers.filter(({ stdout }, index) => !stdout.endsWith(`\n${tables[index] ?? ''}`))).toEqual([]);
  });

  it('are the same yaml', () => {
    const answers = ending('storage --format yaml');
    expect(answers).not.toEqual([]);
    expect(answers.map(({ input }) => toYaml(storageDocument(input)))).toEqual(answers.map(({ stdout }) => stdout));
  });
});

(controller === undefined ? describe.skip : describe)('storage of the recorded controller', () => {
  const recordings = (controller === undefined ? [] : readdirSync(controller).sort()).map(
    (file) => JSON.parse(readFileSync(join(controller ?? '', file), 'utf8')) as { argv: string[]; stdout: string },
  );
  const outputs = (line: string): string[] =>
    recordings.filter(({ argv }) => argv.join(' ') === line).map(({ stdout }) => stdout);
  const documents = outputs('juju storage --format=json').map((text) => JSON.parse(text) as StorageDocument);

  it('the json document gives the same json, the yaml and the table', () => {
    expect(documents.map(toJson)).toEqual(outputs('juju storage --format=json'));
    expect(toYaml(documents[0])).toBe(outputs('juju storage --format=yaml')[0]);
    for (const document of documents) expect(outputs('juju storage')).toContain(storageTable(document));
  });

  it('status shows the same as its json document says', () => {
    const [status = ''] = outputs('juju status --storage');
    const [first] = documents;
    expect(status.endsWith(statusStorageTable(first ?? {}))).toBe(true);
  });
});
