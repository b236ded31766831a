import type { HookInfo } from './hook-info';
import { type Answer, type Look, omit, without } from './look';
import type { RemoteRelation } from './remote-snapshot';
import type { LocalRelation } from './unit-state';

/** Enters the scopes of new live relations, leaves those that no hook will leave, and lets an orphaned subordinate destroy itself. */
export function synchronizeScopes(look: Look): void {
  const { remote } = look;
  for (const relation of remote.relations) {
    const key = String(relation.id);
    const known = look.unit.scopes[key] !== undefined;
    if (relation.life !== 'alive' || relation.suspended) {
      // No broken will run for it, so nothing else would leave its scope, and the relation would stay in the model for ever.
      if (known && (relation.implicit || look.unit.relations[key] === undefined)) leaveScope(look, relation.id);
      continue;
    }
    // The controller lets only a live unit in.
    if (!relation.implemented || remote.life !== 'alive' || look.agent.scopesEntered.includes(relation.id)) continue;
    look.effects.push({ kind: 'enter-scope', relationId: relation.id });
    if (remote.leader) look.effects.push({ kind: 'set-relation-status', relationId: relation.id, status: 'joined' });
    look.agent = { ...look.agent, scopesEntered: [...look.agent.scopesEntered, relation.id] };
    if (known) continue;
    look.unit = { ...look.unit, scopes: { ...look.unit.scopes, [key]: relation.endpoint } };
    look.agent = {
      ...look.agent,
      peerRelations: relation.role === 'peer' ? [...look.agent.peerRelations, relation.id] : look.agent.peerRelations,
      remoteApplications: { ...look.agent.remoteApplications, [key]: relation.remoteApplication },
    };
  }
  if (orphaned(look)) look.effects.push({ kind: 'destroy-unit' });
}

function leaveScope(look: Look, id: number): void {
  const key = String(id);
  look.effects.push({ kind: 'leave-scope', relationId: id });
  look.unit = { ...look.unit, scopes: without(look.unit.scopes, key) };
  look.agent = forgetRelation(look.agent, id);
}

/** What a process remembers of a relation goes when its scope is left, so that a resumed one begins anew. */
export function forgetRelation<A extends Pick<Look['agent'], 'peerRelations' | 'remoteApplications' | 'scopesEntered'>>(
  agent: A,
  id: number,
): A {
  return {
    ...agent,
    peerRelations: agent.peerRelations.filter((other) => other !== id),
    remoteApplications: without(agent.remoteApplications, String(id)),
    scopesEntered: agent.scopesEntered.filter((other) => other !== id),
  };
}

function orphaned(look: Look): boolean {
  const { remote } = look;
  if (!remote.subordinate || remote.life !== 'alive') return false;
  const principals = remote.relations.filter(
    (relation) => relation.scope === 'container' && look.unit.scopes[String(relation.id)] !== undefined,
  );
  return principals.length > 0 && principals.every((relation) => relation.life !== 'alive');
}

/** relation-created for each live relation that has not had it, peers among the others. */
export function nextCreated(look: Look): Answer {
  const { remote, unit } = look;
  if (!unit.installed || remote.life !== 'alive' || unit.kind !== 'continue') return undefined;
  synchronizeScopes(look);
  const created = remote.relations.filter(
    (relation) =>
      relation.life === 'alive' &&
      !relation.suspended &&
      !relation.implicit &&
      look.unit.scopes[String(relation.id)] !== undefined &&
      unit.relations[String(relation.id)] === undefined,
  );
  const relation = first(look, 'relation-created', created);
  return relation === undefined
    ? undefined
    : look.runHook({
        kind: 'relation-created',
        relationId: relation.id,
        endpoint: relation.endpoint,
        remoteApplication: relation.remoteApplication,
        changeVersion: 0,
      });
}

/** The next hook of the relations: of those not known as peers first, in map order, and then of the peers. */
export function nextRelationHook(look: Look): Answer {
  const { remote, agent } = look;
  if (remote.life === 'dying' && !agent.subordinatesDestroyed) {
    look.effects.push({ kind: 'destroy-subordinates' });
    look.agent = { ...look.agent, subordinatesDestroyed: true };
  }
  synchronizeScopes(look);
  const known = remote.relations.filter(
    (relation) => !relation.implicit && look.unit.scopes[String(relation.id)] !== undefined,
  );
  const isPeer = (relation: RemoteRelation) => look.agent.peerRelations.includes(relation.id);
  for (const peers of [false, true]) {
    const withHook = known
      .filter((relation) => isPeer(relation) === peers)
      .map((relation) => ({ id: relation.id, hook: hookOf(look, relation, peers) }))
      .filter((candidate): candidate is { id: number; hook: HookInfo } => candidate.hook !== undefined);
    const chosen = first(look, 'relations', withHook);
    if (chosen !== undefined) return look.runHook(chosen.hook);
  }
  return undefined;
}

/** First match wins; Juju's order: pending changed, departed, broken, application changed, joined, unit changed. */
function hookOf(look: Look, relation: RemoteRelation, isPeer: boolean): HookInfo | undefined {
  const { remote } = look;
  const local = look.unit.relations[String(relation.id)];
  const about = { relationId: relation.id, endpoint: relation.endpoint };
  const broken = remote.life === 'dying' || relation.life !== 'alive' || relation.suspended;
  const members = broken ? {} : relation.members;
  const applications = broken ? {} : relation.applicationMembers;
  if (local === undefined) return undefined;

  if (local.changedPending !== undefined) return unitHook('relation-changed', about, local.changedPending, members);

  const gone = Object.keys(local.members)
    .sort()
    .find((name) => members[name] === undefined);
  if (gone !== undefined) {
    const leaving = remote.life !== 'alive' || remote.applicationLife !== 'alive' || orphaned(look);
    return {
      ...about,
      kind: 'relation-departed',
      remoteUnit: gone,
      remoteApplication: applicationOf(gone),
      departingUnit: leaving ? remote.unit : gone,
    };
  }

  if (broken && !isPeer) {
    return {
      ...about,
      kind: 'relation-broken',
      remoteApplication: look.agent.remoteApplications[String(relation.id)] ?? '',
    };
  }

  const changedApp = Object.keys(applications)
    .sort()
    .find((name) => local.applicationMembers[name] !== applications[name]);
  if (changedApp !== undefined) {
    return {
      ...about,
      kind: 'relation-changed',
      remoteApplication: changedApp,
      changeVersion: applications[changedApp] ?? 0,
    };
  }

  const names = Object.keys(members).sort();
  const joined = names.find((name) => local.members[name] === undefined);
  if (joined !== undefined) return unitHook('relation-joined', about, joined, members);
  const changed = names.find((name) => local.members[name] !== members[name]);
  return changed === undefined ? undefined : unitHook('relation-changed', about, changed, members);
}

function unitHook(
  kind: 'relation-joined' | 'relation-changed',
  about: { relationId: number; endpoint: string },
  unit: string,
  members: Readonly<Record<string, number>>,
): HookInfo {
  return {
    ...about,
    kind,
    remoteUnit: unit,
    remoteApplication: applicationOf(unit),
    changeVersion: members[unit] ?? 0,
  };
}

/** What a committed relation hook leaves behind; undefined after broken. */
export function afterRelationHook(local: LocalRelation | undefined, hook: HookInfo): LocalRelation | undefined {
  if (hook.kind === 'relation-broken') return undefined;
  const known: LocalRelation = local ?? {
    id: hook.relationId ?? 0,
    endpoint: hook.endpoint ?? '',
    members: {},
    applicationMembers: {},
  };
  const base = omit(known, 'changedPending');
  const version = hook.changeVersion ?? 0;
  if (hook.remoteUnit === undefined) {
    return { ...base, applicationMembers: { ...base.applicationMembers, [hook.remoteApplication ?? '']: version } };
  }
  if (hook.kind === 'relation-departed') return { ...base, members: without(base.members, hook.remoteUnit) };
  const members = { ...base.members, [hook.remoteUnit]: version };
  return { ...base, members, ...(hook.kind === 'relation-joined' ? { changedPending: hook.remoteUnit } : {}) };
}

function applicationOf(unit: string): string {
  return unit.slice(0, unit.lastIndexOf('/'));
}

function first<T extends { readonly id: number }>(look: Look, purpose: string, items: readonly T[]): T | undefined {
  const [id] = look.shuffled(
    purpose,
    items.map((item) => String(item.id)),
  );
  return items.find((item) => String(item.id) === id);
}
