import fc from 'fast-check';
import {
  ModelError,
  canReadSecret,
  latestNumber,
  obsoleteRevisions,
  removeQueuedSecrets,
  secretRotated,
  type World,
} from '../../src/model';
import { WorldStore } from '../../src/store/world-store';
import { content, commit, makeWorld, minutes, read } from './secrets-world';

const seed = Number(process.env['EMULATOR_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

const units = ['own/0', 'own/1', 'use/0', 'use/1', 'other/0'] as const;
const unit = fc.constantFrom(...units);
/** Which of the secrets that there are; counted round. */
const which = fc.nat({ max: 5 });
const subject = fc.constantFrom('use', 'use/0', 'use/1');

/** What a unit may try; most of it is refused most of the time. */
const attempt = fc.oneof(
  fc.record({ do: fc.constant('add' as const), unit, label: fc.constantFrom('', 'a', 'b'), owned: fc.boolean() }),
  fc.record({ do: fc.constant('set' as const), unit, which, text: fc.constantFrom('x', 'y', 'z') }),
  fc.record({ do: fc.constant('label' as const), unit, which, label: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ do: fc.constant('grant' as const), unit, which, subject }),
  fc.record({ do: fc.constant('revoke' as const), unit, which, subject }),
  fc.record({ do: fc.constant('remove' as const), unit, which, revision: fc.option(fc.integer({ min: 1, max: 3 })) }),
  fc.record({
    do: fc.constant('read' as const),
    unit,
    which,
    how: fc.constantFrom('plain', 'refresh', 'peek', 'label'),
    label: fc.constantFrom('a', 'm', 'n'),
  }),
  fc.record({ do: fc.constant('rotated' as const), which }),
);
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

let added = 0;

function tryOut(world: World, step: Attempt): void {
  const secrets = Object.values(world.secrets);
  if (step.do === 'add') {
    const owner = step.owned
      ? ({ kind: 'unit', name: step.unit } as const)
      : ({ kind: 'application', name: step.unit.slice(0, step.unit.indexOf('/')) } as const);
    added += 1;
    const uri = `secret:${String(added).padStart(20, '0')}`;
    const labelled = step.label === '' ? {} : { label: step.label };
    return commit(world, step.unit, {
      creates: [{ uri, owner, content: content('x'), rotatePolicy: 'hourly', ...labelled }],
    });
  }
  const secret = secrets[step.which % Math.max(secrets.length, 1)];
  if (secret === undefined) return;
  const uri = `secret:${secret.id}`;
  const target = 'subject' in step ? step.subject : '';
  const whom = { kind: target.includes('/') ? ('unit' as const) : ('application' as const), name: target };
  switch (step.do) {
    case 'set':
      return commit(world, step.unit, { updates: [{ uri, content: content(step.text) }] });
    case 'label':
      return commit(world, step.unit, { updates: [{ uri, label: step.label }] });
    case 'grant':
      return commit(world, step.unit, { grants: [{ uri, relationKey: 'use:db own:db', subject: whom }] });
    case 'revoke':
      return commit(world, step.unit, { revokes: [{ uri, subject: whom }] });
    case 'remove':
      commit(world, step.unit, {
        deletes: [{ uri, ...(step.revision === null ? {} : { revisions: [step.revision] }) }],
      });
      return removeQueuedSecrets(world);
    case 'rotated':
      return secretRotated(world, uri, latestNumber(secret), minutes(60));
    case 'read':
      read(world, step.unit, secret, {
        ...(step.how === 'refresh' ? { refresh: true } : {}),
        ...(step.how === 'peek' ? { peek: true } : {}),
        ...(step.how === 'label' ? { label: step.label } : {}),
      });
  }
}

function check(before: World, after: World): void {
  for (const secret of Object.values(after.secrets)) {
    const numbers = secret.revisions.map(({ revision }) => revision);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.length).toBeGreaterThan(0);
    const tracked = Object.values(secret.consumers).map(({ revision }) => revision);
    for (const revision of obsoleteRevisions(secret)) {
      expect(revision).not.toBe(latestNumber(secret));
      expect(tracked).not.toContain(revision);
    }
    // Who has come to track it in this step was allowed to read it.
    const known = before.secrets[secret.id]?.consumers ?? {};
    for (const name of Object.keys(secret.consumers))
      if (known[name] === undefined) expect(canReadSecret(after, secret, name)).toBe(true);
    // A unit tracks what was there to be tracked, and never goes back.
    for (const [name, consumer] of Object.entries(secret.consumers))
      expect(consumer.revision).toBeGreaterThanOrEqual(known[name]?.revision ?? 1);
    expect(secret.nextRotateTime).not.toBeNull();
  }
  for (const application of ['own', 'use', 'other']) {
    const labels = Object.values(after.secrets)
      .filter(({ owner, label }) => label !== '' && owner.kind === 'application' && owner.name === application)
      .map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  }
  for (const name of units) {
    // Labels that units gave; the owner's, copied to its units, are another matter.
    const labels = Object.values(after.secrets)
      .map(({ consumers }) => consumers[name]?.label ?? '')
      .filter((label) => label === 'm' || label === 'n');
    expect(new Set(labels).size).toBe(labels.length);
  }
}

it('whatever units try, what a model says of its secrets holds together', () => {
  console.info(`secrets: EMULATOR_SEED=${String(seed)}`);
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1, maxLength: 25 }), (steps) => {
      const store = new WorldStore(makeWorld());
      for (const step of steps) {
        const before = store.world;
        try {
          store.change((world) => tryOut(world, step));
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
          // What was refused has not happened.
          expect(store.world).toBe(before);
        }
        check(before, store.world);
      }
    }),
    { seed, numRuns: 100 },
  );
});
