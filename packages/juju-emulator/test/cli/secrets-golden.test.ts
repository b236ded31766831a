import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { secretsDocument, secretsTable } from '../../src/cli/secrets/secret-output';
import { toJson, toYaml } from '../../src/cli/document';
import type { ListedSecret } from '../../src/controller/secret-methods';
import { contentChecksum } from '../../src/tools/secret-changes';
import { goldenFile } from '../tools/golden-files';

interface Recorded {
  readonly stdout: string;
  readonly start: number;
}

interface Shown {
  readonly revision: number;
  readonly checksum?: string;
  readonly rotation: string;
  readonly owner: string;
  readonly name: string;
  readonly created: string;
  readonly updated: string;
  readonly content?: Readonly<Record<string, string>>;
  readonly access?: readonly { readonly target: string; readonly scope: string; readonly role: string }[];
}

const recording = (name: string): Recorded | undefined => {
  const path = goldenFile(`controller/cli/${name}.json`);
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as Recorded);
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The controller's answer that a recorded document was made from. */
const answerOf = (document: Readonly<Record<string, Shown>>): ListedSecret[] =>
  Object.entries(document).map(([id, shown]) => ({
    uri: `secret:${id}`,
    'owner-tag': `${shown.owner.slice(1, -1)}-uuid`,
    description: '',
    label: shown.name,
    'rotate-policy': shown.rotation,
    'next-rotate-time': null,
    'latest-revision': shown.revision,
    'latest-revision-checksum': shown.checksum ?? '',
    'latest-expire-time': null,
    'create-time': shown.created,
    'update-time': shown.updated,
    revisions: [],
    ...(shown.content === undefined
      ? {}
      : {
          value: { data: Object.fromEntries(Object.entries(shown.content).map(([key, text]) => [key, base64(text)])) },
        }),
    access: (shown.access ?? []).map(({ target, scope, role }) => ({ 'target-tag': target, 'scope-tag': scope, role })),
  }));

const list = recording('143-secrets-json');
const table = recording('142-secrets');
const shown = recording('150-show-secret-reveal');

describe('recorded lists of secrets', () => {
  (list === undefined ? it.skip : it)('as json', () => {
    const recorded = list?.stdout ?? '';
    const answer = answerOf(JSON.parse(recorded) as Record<string, Shown>);
    expect(toJson(secretsDocument(answer, { revisions: false, access: false, format: 'json' }))).toBe(recorded);
  });

  (list === undefined || table === undefined ? it.skip : it)('as a table', () => {
    const answer = answerOf(JSON.parse(list?.stdout ?? '') as Record<string, Shown>);
    const updated = Date.parse(answer[0]?.['update-time'] ?? '');
    expect(secretsTable(answer, updated + 100)).toBe(table?.stdout);
  });

  (shown === undefined ? it.skip : it)('a revealed one as yaml, its checksum the one that we compute', () => {
    const recorded = shown?.stdout ?? '';
    const answer = answerOf(parse(recorded) as Record<string, Shown>);
    expect(toYaml(secretsDocument(answer, { revisions: false, access: true, format: 'yaml' }))).toBe(recorded);
    expect(contentChecksum(answer[0]?.value?.data ?? {})).toBe(answer[0]?.['latest-revision-checksum']);
  });
});

it('tells how long ago a secret was changed', () => {
  const secret = answerOf({
    a: { revision: 1, rotation: 'never', owner: '<model>', name: 'n', created: '', updated: '2026-01-02T03:04:05Z' },
  });
  const at = Date.parse('2026-01-02T03:04:05Z');
  const ages = [1, 2, 60, 150, 3600, 86_399, 86_400].map((seconds) =>
    secretsTable(secret, at + seconds * 1000)
      .split('\n')[1]
      ?.trim()
      .split(/ {2,}/)
      .at(-1),
  );
  expect(ages).toEqual([
    'just now',
    '2 seconds ago',
    '1 minute ago',
    '2 minutes ago',
    '1 hour ago',
    '23 hours ago',
    '2026-01-02',
  ]);
});
