import {
  addUserSecret,
  dropApplicationSecrets,
  integrate,
  listedSecrets,
  nextRotateTime,
  obsoleteRevisions,
  readSecret,
  removeQueuedSecrets,
  removeUserSecret,
  secretAccess,
  secretRotated,
  setUserSecretAccess,
  unitDead,
  updateUserSecret,
  type Secret,
  type World,
} from '../../src/model';
import {
  now,
  minutes,
  content,
  makeWorld,
  commit,
  addSecret,
  secretOf,
  read,
  readByLabel,
  update,
  grant,
} from './secrets-world';

describe('who may read a secret', () => {
  it('units of the owning application do, others do not', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    expect(read(world, 'own/1', secret)).toBe('first');
    expect(() => read(world, 'use/0', secret)).toThrow('"use/0" is not allowed to read this secret');
    expect(secret.consumers).not.toHaveProperty('use/0');
  });

  it("a unit's own is not its peers'", () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own/0');
    expect(read(world, 'own/0', secret)).toBe('first');
    expect(() => read(world, 'own/1', secret)).toThrow('"own/1" is not allowed to read this secret');
  });

  it('a grant to an application lets all its units, one to a unit only that; both end with the relation', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    grant(secret, 'use/1');
    expect(read(world, 'use/1', secret)).toBe('first');
    expect(() => read(world, 'use/0', secret)).toThrow('not allowed to read');
    grant(secret, 'use');
    expect(read(world, 'use/0', secret)).toBe('first');
    expect(secretAccess(world, secret)).toEqual([
      { target: 'application-use', scope: 'relation-use.db#own.db', role: 'view' },
      { target: 'unit-use-1', scope: 'relation-use.db#own.db', role: 'view' },
    ]);
    delete world.relations['0'];
    expect(() => read(world, 'use/0', secret)).toThrow('not allowed to read');
    expect(secretAccess(world, secret)).toEqual([]);
  });

  it('a revoke stops reading, also of what was tracked, by URI and by label', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    grant(secret, 'use');
    read(world, 'use/0', secret, { label: 'theirs' });
    commit(world, 'own/0', {
      revokes: [{ uri: `secret:${secret.id}`, subject: { kind: 'application', name: 'use' } }],
    });
    expect(() => read(world, 'use/0', secret)).toThrow('not allowed to read');
    expect(() => readByLabel(world, 'use/0', 'theirs')).toThrow('not allowed to read');
  });
});

describe('what a reader sees', () => {
  it('the first read pins a revision, peek looks past it, refresh moves it', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    grant(secret, 'use');
    read(world, 'use/0', secret);
    update(world, secret, 'second');
    expect(read(world, 'use/0', secret)).toBe('first');
    expect(read(world, 'use/0', secret, { peek: true })).toBe('second');
    expect(read(world, 'use/0', secret)).toBe('first');
    expect(read(world, 'use/0', secret, { refresh: true })).toBe('second');
    expect(read(world, 'use/0', secret)).toBe('second');
    expect(read(world, 'use/1', secret)).toBe('second');
  });

  it("a consumer's label is its own; the owner's serves its units, and stays with who refreshed under it", () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own', { label: 'one' });
    const second = addSecret(world, 'own', { label: 'two' });
    for (const each of [secret, second]) grant(each, 'use');
    read(world, 'use/0', secret, { label: 'one' });
    expect(() => read(world, 'use/0', second, { label: 'one' })).toThrow('secret with label "one" already exists');
    expect(() => readByLabel(world, 'use/1', 'one')).toThrow('secret URI for consumer label "one" not found');
    read(world, 'own/0', secret);
    read(world, 'own/0', secret, { refresh: true });
    commit(world, 'own/0', { updates: [{ uri: `secret:${secret.id}`, label: 'new' }] });
    expect([readByLabel(world, 'own/0', 'one'), readByLabel(world, 'own/0', 'new')]).toEqual(['first', 'first']);
    expect(() => readByLabel(world, 'own/1', 'one')).toThrow('not found');
  });

  it('the manager that reads with a new label gives the secret that label', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own', { label: 'one' });
    read(world, 'own/1', secret, { label: 'peers' });
    expect(secret.label).toBe('one');
    read(world, 'own/0', secret, { label: 'leaders' });
    expect(secret.label).toBe('leaders');
  });

  it('is told in words what is not there', () => {
    const world = makeWorld();
    expect(() =>
      readSecret(world, 'own/0', { uri: 'secret:9m4e2mr0ui3e8a215n90', label: '', refresh: false, peek: false }),
    ).toThrow('getting latest secret revision: secret not found');
  });
});

describe('revisions', () => {
  it('equal content makes none; obsolete are those that are neither latest nor tracked', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    update(world, secret, 'first');
    expect(secret.revisions).toHaveLength(1);
    read(world, 'own/0', secret);
    update(world, secret, 'second');
    update(world, secret, 'third');
    expect(obsoleteRevisions(secret)).toEqual([2]);
    read(world, 'own/0', secret, { refresh: true });
    expect(obsoleteRevisions(secret)).toEqual([1, 2]);
  });

  it('are removed after the commit; with the last one the secret is gone', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    const uri = `secret:${secret.id}`;
    update(world, secret, 'second');
    commit(world, 'own/0', { deletes: [{ uri, revisions: [1] }] });
    expect(secret.revisions.map(({ revision }) => revision)).toEqual([1, 2]);
    removeQueuedSecrets(world);
    expect(secretOf(world, uri).revisions.map(({ revision }) => revision)).toEqual([2]);
    commit(world, 'own/0', { deletes: [{ uri, revisions: [2] }] });
    removeQueuedSecrets(world);
    expect(world.secrets).toEqual({});
    expect(world.removedSecrets).toEqual([uri]);
  });

  it('go with their owner', () => {
    const world = makeWorld();
    addSecret(world, 'own/1');
    const shared = addSecret(world, 'own');
    grant(shared, 'use');
    read(world, 'use/0', shared);
    unitDead(world, 'own/1');
    unitDead(world, 'use/0');
    expect(Object.keys(world.secrets)).toEqual([shared.id]);
    expect(shared.consumers).toEqual({});
    dropApplicationSecrets(world, 'use');
    expect(shared.grants).toEqual([]);
    dropApplicationSecrets(world, 'own');
    expect(world.secrets).toEqual({});
  });
});

describe('a commit', () => {
  it.each([
    ['updates', 'updating secrets'],
    ['deletes', 'removing secrets'],
  ] as const)('refuses %s of what is not the unit to manage', (what, words) => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    for (const unit of ['own/1', 'use/0'])
      expect(() => commit(world, unit, { [what]: [{ uri: `secret:${secret.id}` }] })).toThrow(
        `${words}: "${unit}" is not allowed to manage this secret`,
      );
  });

  it('refuses to move a grant to another relation while the first is there', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    const uri = `secret:${secret.id}`;
    const subject = { kind: 'application' as const, name: 'use' };
    commit(world, 'own/0', { grants: [{ uri, relationKey: 'use:db own:db', subject }] });
    integrate(world, 'own', 'other', now);
    const moved = { grants: [{ uri, relationKey: 'other:db own:db', subject }] };
    expect(() => commit(world, 'own/0', moved)).toThrow(
      /^executing leadership func: grant secrets access: cannot change scope or subject type of existing grant for "[0-9a-f-]{36}" on "[0-9a-v]{20}"$/,
    );
    delete world.relations['0'];
    commit(world, 'own/0', moved);
    expect(secretAccess(world, secret)).toMatchObject([{ scope: 'relation-other.db#own.db' }]);
  });

  it('says nothing of secrets that are not there', () => {
    const world = makeWorld();
    const uri = 'secret:9m4e2mr0ui3e8a215n90';
    commit(world, 'use/0', {
      updates: [{ uri, content: content('x') }],
      deletes: [{ uri }],
      revokes: [{ uri, subject: { kind: 'application', name: 'use' } }],
    });
    expect(world.secrets).toEqual({});
  });

  it('refuses a label that the owner has given away, in the words of the leadership check where that was needed', () => {
    const world = makeWorld();
    addSecret(world, 'own', { label: 'one' });
    expect(() => addSecret(world, 'own', { label: 'one' })).toThrow(
      /^executing leadership func: create secrets: creating secret "[0-9a-v]{20}": secret with label "one" already exists$/,
    );
    expect(() => addSecret(world, 'own/1', { label: 'one' })).toThrow(/^create secrets: creating secret/);
    addSecret(world, 'own/0', { label: 'mine' });
    addSecret(world, 'own/1', { label: 'mine' });
    expect(Object.keys(world.secrets)).toHaveLength(3);
  });
});

describe('rotation', () => {
  it.each([
    ['hourly', '2026-01-31T11:00:00.000Z'],
    ['daily', '2026-02-01T10:00:00.000Z'],
    ['weekly', '2026-02-07T10:00:00.000Z'],
    ['monthly', '2026-03-03T10:00:00.000Z'],
    ['quarterly', '2026-05-01T10:00:00.000Z'],
    ['yearly', '2027-01-31T10:00:00.000Z'],
    ['never', null],
  ] as const)('%s', (policy, due) => {
    expect(nextRotateTime(policy, now)).toBe(due);
  });

  it('begins when the policy does, ends with never', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own');
    commit(world, 'own/0', { updates: [{ uri: `secret:${secret.id}`, rotatePolicy: 'hourly' }] });
    expect(secret.nextRotateTime).toBe(minutes(60));
    commit(world, 'own/0', { updates: [{ uri: `secret:${secret.id}`, rotatePolicy: 'daily' }] }, minutes(30));
    expect(secret.nextRotateTime).toBe(minutes(60));
    commit(world, 'own/0', { updates: [{ uri: `secret:${secret.id}`, rotatePolicy: 'never' }] });
    expect(secret.nextRotateTime).toBeNull();
  });

  it('a hook that made a new revision has a whole period, one that did not is asked again in five minutes', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own', { rotatePolicy: 'hourly' });
    secretRotated(world, `secret:${secret.id}`, 1, minutes(60));
    expect(secret.nextRotateTime).toBe(minutes(65));
    update(world, secret, 'second');
    secretRotated(world, `secret:${secret.id}`, 1, minutes(65));
    expect(secret.nextRotateTime).toBe(minutes(125));
  });

  it('comes early when the secret would expire before its turn', () => {
    const world = makeWorld();
    const secret = addSecret(world, 'own', { rotatePolicy: 'hourly' });
    update(world, secret, 'second', { expireTime: minutes(90) });
    secretRotated(world, `secret:${secret.id}`, 1, minutes(60));
    expect(secret.nextRotateTime).toBe(minutes(65));
  });
});

describe("a user's secret", () => {
  const add = (world: World, name: string): Secret =>
    secretOf(world, addUserSecret(world, { name, description: '', content: content('first') }, now));

  it('is found by its name or any form of its URI; those of charms are not the user’s to change', () => {
    const world = makeWorld();
    const { id } = add(world, 'token');
    for (const text of ['token', id, `secret:${id}`, `secret://uuid/${id}`])
      updateUserSecret(world, text, { description: `by ${text}` }, now);
    expect(world.secrets[id]?.description).toBe(`by secret://uuid/${id}`);
    const charms = addSecret(world, 'own', { label: 'ours' });
    expect(() => removeUserSecret(world, `secret:${charms.id}`)).toThrow('permission denied');
    expect(() => removeUserSecret(world, 'ours')).toThrow('secret "ours" not found');
    expect(() => add(world, 'token')).toThrow('secret with name "token" already exists');
    expect(listedSecrets(world, { owner: 'application-own' })).toEqual([charms]);
  });

  it('is granted to whole applications, all that are named or none', () => {
    const world = makeWorld();
    const secret = add(world, 'token');
    expect(() => setUserSecretAccess(world, 'token', ['use', 'nope'], true)).toThrow(
      `failed to grant/revoke secret: cannot change access to "secret:${secret.id}" for "nope": application "nope" not found`,
    );
    expect(() => read(world, 'use/0', secret)).toThrow('not allowed to read');
    setUserSecretAccess(world, 'token', ['use', 'other'], true);
    expect([read(world, 'use/0', secret), read(world, 'other/1', secret)]).toEqual(['first', 'first']);
    setUserSecretAccess(world, 'token', ['use'], false);
    expect(() => read(world, 'use/0', secret)).toThrow('not allowed to read');
  });

  it('keeps old revisions until nobody tracks them, when it is to be pruned', () => {
    const world = makeWorld();
    const secret = add(world, 'token');
    setUserSecretAccess(world, 'token', ['use'], true);
    read(world, 'use/0', secret);
    updateUserSecret(world, 'token', { content: content('second'), autoPrune: true }, now);
    updateUserSecret(world, 'token', { content: content('third') }, now);
    expect(secret.revisions.map(({ revision }) => revision)).toEqual([1, 3]);
    read(world, 'use/0', secret, { refresh: true });
    expect(secret.revisions.map(({ revision }) => revision)).toEqual([3]);
  });
});
