import {
  commitHook,
  deploy,
  emptyWorld,
  grantSecret,
  integrate,
  newSecretId,
  parseCharm,
  readSecret,
  uploadCharm,
  type Commit,
  type Secret,
  type SecretCommit,
  type World,
} from '../../src/model';

export const now = '2026-01-31T10:00:00.000Z';
export const minutes = (count: number): string => new Date(Date.parse(now) + count * 60_000).toISOString();

export const nothing: SecretCommit = {
  creates: [],
  updates: [],
  grants: [],
  revokes: [],
  deletes: [],
  trackLatest: [],
};
export const base: Commit = { updateNetworkInfo: false, relations: [], openPorts: [], closePorts: [] };
export const content = (text: string) => ({ data: { key: text }, checksum: `sum of ${text}` });

/** `own` with two units (the first leads) related to `use` with two, and a stranger. */
export function makeWorld(): World {
  const world = emptyWorld({ modelName: 'm', modelUuid: 'uuid', seed: 1 });
  const charm = (name: string, side: string): void => {
    const metadata = `name: ${name}\nsummary: s\ndescription: d\n${side}: {db: {interface: sql}}\n`;
    const spec = parseCharm({ metadata, config: undefined, actions: undefined });
    const { url } = uploadCharm(world, spec, '/charm');
    deploy(
      world,
      {
        application: name,
        charmUrl: url,
        units: 2,
        base: 'ubuntu@24.04',
        channel: '',
        trust: false,
        settings: {},
        resources: {},
        placement: [],
      },
      now,
    );
    const application = world.applications[name];
    if (application !== undefined) application.leader = `${name}/0`;
  };
  charm('own', 'provides');
  charm('use', 'requires');
  charm('other', 'requires');
  integrate(world, 'own', 'use', now);
  return world;
}

export const commit = (world: World, unit: string, changes: Partial<SecretCommit>, at = now): void =>
  commitHook(world, unit, { ...base, secrets: { ...nothing, ...changes } }, at);

export function addSecret(world: World, owner: 'own' | 'own/0' | 'own/1', more: Record<string, string> = {}): Secret {
  const uri = `secret:${newSecretId(world)}`;
  const unit = owner === 'own' ? 'own/0' : owner;
  const kind = owner === 'own' ? ('application' as const) : ('unit' as const);
  commit(world, unit, { creates: [{ uri, owner: { kind, name: owner }, content: content('first'), ...more }] });
  return secretOf(world, uri);
}

export function secretOf(world: World, uri: string): Secret {
  const secret = world.secrets[uri.slice('secret:'.length)];
  if (secret === undefined) throw new Error(`${uri} is not in the model`);
  return secret;
}

export const read = (
  world: World,
  unit: string,
  secret: Secret,
  more: { label?: string; refresh?: true; peek?: true } = {},
) => readSecret(world, unit, { uri: `secret:${secret.id}`, label: '', refresh: false, peek: false, ...more })['key'];
export const readByLabel = (world: World, unit: string, label: string) =>
  readSecret(world, unit, { uri: '', label, refresh: false, peek: false })['key'];
export const update = (world: World, secret: Secret, text: string, more: Record<string, string> = {}): void =>
  commit(world, secret.owner.kind === 'unit' ? secret.owner.name : 'own/0', {
    updates: [{ uri: `secret:${secret.id}`, content: content(text), ...more }],
  });
export const grant = (secret: Secret, name: string, relationId = 0): void =>
  grantSecret(secret, { subject: { kind: name.includes('/') ? 'unit' : 'application', name }, relationId });
