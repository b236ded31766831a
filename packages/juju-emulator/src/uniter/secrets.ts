import { type Answer, type Look, seenIn } from './look';

/** Secret hooks: expired, rotate, changed; then removals are taken note of; then remove, one for each revision. */
export function nextSecretHook(look: Look): Answer {
  const { remote, unit } = look;
  const { secrets } = remote;
  // An event that the controller lists no longer may come again later.
  const listed = [...secrets.expired.map(expiredKey), ...secrets.rotate.map((one) => rotateKey(one.uri))];
  const done = look.agent.completedSecrets.filter((key) => listed.includes(key));
  look.agent = { ...look.agent, completedSecrets: done };
  if (!unit.installed || remote.life !== 'alive' || unit.kind !== 'continue') return undefined;

  const expired = pick(
    look,
    'expired',
    secrets.expired.filter((one) => !done.includes(expiredKey(one))),
    expiredKey,
  );
  if (expired !== undefined) {
    const hook = {
      kind: 'secret-expired' as const,
      secretUri: expired.uri,
      secretRevision: expired.revision,
      ...label(expired),
    };
    return { kind: 'run-hook', hook, seen: seenIn(remote), secretOwner: expired.owner };
  }
  const rotate = pick(
    look,
    'rotate',
    secrets.rotate.filter((one) => !done.includes(rotateKey(one.uri))),
    (one) => one.uri,
  );
  if (rotate !== undefined) {
    const hook = {
      kind: 'secret-rotate' as const,
      secretUri: rotate.uri,
      secretRevision: rotate.revision,
      ...label(rotate),
    };
    return { kind: 'run-hook', hook, seen: seenIn(remote), secretOwner: rotate.owner };
  }
  const consumed = Object.entries(secrets.consumed).map(([uri, info]) => ({ uri, ...info }));
  const changed = pick(
    look,
    'changed',
    consumed.filter((one) => unit.consumedSecrets[one.uri] !== one.revision),
    (one) => one.uri,
  );
  if (changed !== undefined) {
    return look.runHook({
      kind: 'secret-changed',
      secretUri: changed.uri,
      secretRevision: changed.revision,
      ...label(changed),
    });
  }
  const forgotten = secrets.deleted.filter(
    (uri) => unit.consumedSecrets[uri] !== undefined || unit.obsoleteSecrets[uri] !== undefined,
  );
  if (forgotten.length > 0) return { kind: 'forget-secrets', uris: forgotten };

  const obsolete = Object.entries(secrets.obsolete)
    .filter(([uri]) => !secrets.deleted.includes(uri))
    .map(([uri, info]) => ({
      uri,
      ...info,
      revision: info.revisions.find((revision) => !unit.obsoleteSecrets[uri]?.includes(revision)),
    }));
  const remove = pick(
    look,
    'remove',
    obsolete.filter((one) => one.revision !== undefined),
    (one) => one.uri,
  );
  return remove?.revision === undefined
    ? undefined
    : look.runHook({ kind: 'secret-remove', secretUri: remove.uri, secretRevision: remove.revision, ...label(remove) });
}

export function expiredKey(one: { readonly uri: string; readonly revision: number }): string {
  return `expired ${one.uri}/${String(one.revision)}`;
}

export function rotateKey(uri: string): string {
  return `rotate ${uri}`;
}

function label(one: { readonly label?: string }): { secretLabel?: string } {
  return one.label === undefined ? {} : { secretLabel: one.label };
}

function pick<T>(look: Look, purpose: string, items: readonly T[], key: (item: T) => string): T | undefined {
  const [chosen] = look.shuffled(`secret-${purpose}`, items.map(key));
  return items.find((item) => key(item) === chosen);
}
