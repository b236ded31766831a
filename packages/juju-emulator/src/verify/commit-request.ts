import type { ActionOutcome, HookChanges, PortChange, RelationFacts } from '../tools/uniter-api';

/** `relation-a.x#b.y` of the key `a:x b:y`. */
export function relationTag(key: string): string {
  return `relation-${key.replaceAll(':', '.').replaceAll(' ', '#')}`;
}

function tag({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}-${name.replace('/', '-')}`;
}

/** Lists in the recordings are sorted, as their real order is random. */
function sorted(items: readonly object[]): object[] {
  return [...items].sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

/** A commit request in Juju's own shape, by which the recordings tell it. */
export function commitRequest(changes: HookChanges, unit: string, relations: readonly RelationFacts[]): object {
  const unitTag = tag({ kind: 'unit', name: unit });
  const ports = (list: readonly PortChange[]): object[] =>
    list.map(({ endpoint, range }) => ({
      endpoint,
      'from-port': range.from,
      protocol: range.protocol,
      tag: unitTag,
      'to-port': range.to,
    }));
  const lists: Record<string, object[]> = {
    'relation-unit-settings': changes.relations.map(({ relationId, unitSettings, applicationSettings }) => ({
      ...(applicationSettings === undefined ? {} : { 'application-settings': applicationSettings }),
      relation: relationTag(relations.find((relation) => relation.id === relationId)?.key ?? ''),
      ...(unitSettings === undefined ? {} : { settings: unitSettings }),
      unit: unitTag,
    })),
    'open-ports': ports(changes.openPorts),
    'close-ports': ports(changes.closePorts),
    'add-storage': changes.addStorage.map(({ name, count }) => ({ name, storage: { count }, unit: unitTag })),
    'secret-creates': changes.secretCreates.map(
      ({ uri, owner, content, label, description, rotatePolicy, expireTime }) => ({
        content: { checksum: content.checksum, data: content.data },
        description,
        'expire-time': expireTime,
        label,
        'owner-tag': tag(owner),
        'rotate-policy': rotatePolicy,
        uri,
      }),
    ),
    'secret-updates': changes.secretUpdates.map(({ uri, content, label, description, rotatePolicy, expireTime }) => ({
      content: content === undefined ? {} : { checksum: content.checksum, data: content.data },
      description,
      'expire-time': expireTime,
      label,
      'rotate-policy': rotatePolicy,
      uri,
    })),
    'secret-deletes': changes.secretDeletes.map(({ uri, revisions }) => ({ label: '', revisions, uri })),
    'secret-grants': changes.secretGrants.map(({ uri, relationKey, subject }) => ({
      role: 'view',
      'scope-tag': relationTag(relationKey),
      'subject-tags': [tag(subject)],
      uri,
    })),
    'secret-revokes': changes.secretRevokes.map(({ uri, subject }) => ({
      role: '',
      'scope-tag': tag(subject),
      'subject-tags': [tag(subject)],
      uri,
    })),
  };
  const request: Record<string, unknown> = Object.fromEntries(
    Object.entries(lists)
      .filter(([, items]) => items.length > 0)
      .map(([name, items]) => [name, sorted(items)]),
  );
  if (changes.charmState !== undefined) request['unit-state'] = { 'charm-state': changes.charmState, tag: unitTag };
  if (changes.secretTrackLatest.length > 0) request['secret-track-latest'] = [...changes.secretTrackLatest].sort();
  if (changes.updateNetworkInfo) request['update-network-info'] = true;
  return request;
}

/** JSON with sorted keys and without undefined members, so that equal meanings are equal texts. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'object' && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1)))
        : item,
    ) ?? 'undefined'
  );
}

/** In the recordings' spelling: empty message and results are left out. */
export function actionFinish({ status, message, results }: ActionOutcome): object {
  return {
    ...(message === '' ? {} : { message }),
    ...(Object.keys(results).length === 0 ? {} : { results }),
    status,
  };
}
