import type { ListedSecret } from '../../controller/secret-methods';
import { Timestamp } from '../../format/go-value';
import { friendlyDuration } from '../status/time';
import { layoutTable } from '../status/table';

/** What of a secret is shown beside what always is. */
export interface SecretView {
  readonly revisions: boolean;
  readonly access: boolean;
  /** Go inlines the content's map in yaml, and names it in json. */
  readonly format: 'json' | 'yaml';
}

const idOf = (secret: ListedSecret): string => secret.uri.slice(secret.uri.lastIndexOf(':') + 1);

/** `<model>` for a user's secret, else the application's or unit's name. */
function ownerOf(secret: ListedSecret): string {
  const tag = secret['owner-tag'];
  if (tag.startsWith('model-')) return '<model>';
  if (tag.startsWith('unit-')) return tag.slice('unit-'.length).replace(/-(\d+)$/, '/$1');
  return tag.slice('application-'.length);
}

const isUsers = (secret: ListedSecret): boolean => secret['owner-tag'].startsWith('model-');

const time = (key: string, value: string | null): Record<string, Timestamp> =>
  value === null ? {} : { [key]: new Timestamp(value) };
const text = (key: string, value: string): Record<string, string> => (value === '' ? {} : { [key]: value });

/** The document of `juju secrets` and `show-secret`: id -> secret, in the order of ids. */
export function secretsDocument(secrets: readonly ListedSecret[], view: SecretView): Record<string, unknown> {
  const entries = secrets.map((secret): [string, unknown] => [idOf(secret), secretDocument(secret, view)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function secretDocument(secret: ListedSecret, view: SecretView): Record<string, unknown> {
  const { value, access } = secret;
  return {
    revision: secret['latest-revision'],
    ...(value === undefined ? {} : text('checksum', secret['latest-revision-checksum'])),
    ...time('expires', secret['latest-expire-time']),
    rotation: secret['rotate-policy'],
    ...time('rotates', secret['next-rotate-time']),
    owner: ownerOf(secret),
    ...text('description', secret.description),
    // A user's secret has a name, a charm's a label.
    ...text(isUsers(secret) ? 'name' : 'label', secret.label),
    ...time('created', secret['create-time']),
    ...time('updated', secret['update-time']),
    ...(value === undefined
      ? {}
      : { content: view.format === 'json' ? { Data: decoded(value.data) } : decoded(value.data) }),
    ...(view.revisions
      ? {
          revisions: secret.revisions.map((revision) => ({
            revision: revision.revision,
            backend: revision['backend-name'],
            ...time('created', revision['create-time']),
            ...time('updated', revision['update-time']),
            ...time('expires', revision['expire-time']),
          })),
        }
      : {}),
    ...(view.access && access.length > 0
      ? { access: access.map((each) => ({ target: each['target-tag'], scope: each['scope-tag'], role: each.role })) }
      : {}),
  };
}

const decoded = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );

/** The table of `juju secrets`, by owner, the most revised first. @param now milliseconds since 1970 */
export function secretsTable(secrets: readonly ListedSecret[], now: number): string {
  const rows = secrets
    .map((secret) => ({
      owner: ownerOf(secret),
      revision: secret['latest-revision'],
      id: idOf(secret),
      cells: [
        idOf(secret),
        isUsers(secret) && secret.label !== '' ? secret.label : '-',
        ownerOf(secret),
        secret['rotate-policy'],
        String(secret['latest-revision']),
      ],
      age: friendlyDuration(secret['update-time'], now),
    }))
    .sort((a, b) =>
      a.owner < b.owner ? -1 : a.owner > b.owner ? 1 : b.revision - a.revision || (a.id < b.id ? -1 : 1),
    );
  const head = ['ID', 'Name', 'Owner', 'Rotation', 'Revision', 'Last updated'];
  // The rows' last cell ends in a tab, the heading's does not: only rows are padded, to the widest of them.
  const widest = Math.max(0, ...rows.map(({ age }) => age.length));
  return layoutTable([head, ...rows.map(({ cells, age }) => [...cells, `${age.padEnd(widest)}  `])], [4]);
}
