import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { until } from '../support/until';

const suite = lightSuite('certificates');
jest.setTimeout(600_000);

/** What is on the disk of a unit; the key by its digest only. */
interface Pki {
  readonly fingerprint: string;
  readonly usages: readonly string[] | null;
  readonly validTo: number;
  readonly key: string;
  readonly ca: string;
}

function pki(model: LightModel, unit: string): Pki {
  const read = (name: string): string => readFileSync(join(model.root(unit), 'etc/etcd/pki', name), 'utf8');
  const certificate = new X509Certificate(read('server.crt'));
  return {
    fingerprint: certificate.fingerprint256,
    // Node's types do not say that it may be missing.
    usages: certificate.keyUsage ?? null,
    validTo: Date.parse(certificate.validTo),
    key: createHash('sha256').update(read('server.key')).digest('hex'),
    ca: new X509Certificate(read('ca.crt')).fingerprint256,
  };
}

const each = <T>(model: LightModel, look: (unit: string) => T): readonly T[] => model.units().map(look);

/** Waits until every unit's status has these words; whatever waits for an update-status gets one. */
const allSay = (model: LightModel, words: RegExp): Promise<true> =>
  until(
    `every unit says ${String(words)}`,
    async () => {
      model.emulator.controller.tick();
      await model.emulator.settle({ timeoutMs: 60_000 });
      const units = Object.values(model.emulator.status().applications['etcd']?.units ?? {});
      const said = units.map((unit) => unit['workload-status'].info);
      if (said.every((info) => words.test(info))) return true;
      throw new Error(said.join('; '));
    },
    { timeoutMs: 150_000, everyMs: 500 },
  );

test('three units that make their own keys form a cluster, and keep it through revocation, renewal and another authority', async () => {
  await using model = await suite.model();
  await model.explain('certificates', async () => {
    const { emulator } = model;
    const asDeployed = { 'fault-late-answer': true, 'fault-without-key-usage': true };
    await model.deploy(3, [], 'local-ca', asDeployed);
    await model.healthy(3);
    await model.write('formed');
    await model.expectOneCluster();
    await model.expectAtRest();
    const first = each(model, (unit) => pki(model, unit));
    const pids = each(model, (unit) => model.pid(unit));
    expect(first.map(({ usages }) => usages)).toEqual([null, null, null]);
    expect(new Set(first.map(({ key }) => key)).size).toBe(3);
    const requests = each(model, (unit) => join(model.root(unit), 'etc/etcd/pki/requests/own.json'));
    expect(requests.map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    // `db` carries a client's key by its nature; it is not related here.
    expect(JSON.stringify([emulator.world.relations, emulator.log()])).not.toContain('PRIVATE KEY');

    // Everything is revoked: told, and nothing that serves is stopped.
    await emulator.setConfig('local-ca', { 'fault-revoke': true });
    await allSay(model, /^cluster is healthy \(3 of 3 members\).* revoked /);
    await model.write('revoked');
    // Given anew, for a while only: taken into use without a restart.
    await emulator.setConfig('local-ca', { 'fault-revoke': false, 'certificate-validity': '100s' });
    await until(
      'all have what was given anew',
      async () => {
        await emulator.settle({ timeoutMs: 60_000 });
        const now = each(model, (unit) => pki(model, unit).fingerprint);
        return now.every((fingerprint) => !first.some((before) => before.fingerprint === fingerprint));
      },
      { timeoutMs: 60_000 },
    );
    const short = each(model, (unit) => pki(model, unit));
    expect(short.map(({ key }) => key)).toEqual(first.map(({ key }) => key));

    // Renewed, with other keys, before they are over.
    await emulator.setConfig('local-ca', { 'certificate-validity': '90d' });
    await until(
      'all have renewed',
      async () => {
        emulator.controller.tick();
        await emulator.settle({ timeoutMs: 60_000 });
        return each(model, (unit) => pki(model, unit)).every(({ key }, index) => key !== short[index]?.key);
      },
      { timeoutMs: 150_000, everyMs: 1000 },
    );
    await model.healthy(3);
    await model.write('renewed');
    const renewed = each(model, (unit) => pki(model, unit));
    for (const [index, { validTo }] of renewed.entries())
      expect(validTo).toBeGreaterThan((short[index]?.validTo ?? Infinity) + 1e9);

    // Another authority, of the other dialect: told, and not switched to (rule 8); a cluster without any goes on as well.
    await emulator.removeRelation('etcd:certificates', 'local-ca');
    await model.healthy(3);
    await emulator.deploy(model.charms.easyrsa());
    await model.relateTo('easyrsa');
    await allSay(
      model,
      /^cluster is healthy \(3 of 3 members\); the certificate authority changed; the old one stays in use$/,
    );
    await model.write('by another');
    expect(each(model, (unit) => pki(model, unit))).toEqual(renewed);
    await emulator.removeRelation('etcd:certificates', 'easyrsa');
    await model.relateTo('local-ca');
    await model.healthy(3);
    await until(
      'all have certificates of the first authority again',
      async () => {
        emulator.controller.tick();
        await emulator.settle({ timeoutMs: 60_000 });
        const now = each(model, (unit) => pki(model, unit));
        return now.every(
          ({ ca, fingerprint }, index) => ca === first[0]?.ca && fingerprint !== renewed[index]?.fingerprint,
        );
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await model.healthy(3);
    await model.expectOneCluster();
    await model.expectAtRest();
    // Through all of it no member was restarted.
    expect(each(model, (unit) => model.pid(unit))).toEqual(pids);
  });
});

/** Before and after each effect between making the keys and having the certificates. */
const crashes = [
  ['file etc/etcd/pki/requests/own.json', 1],
  ['after request-certificate', 1],
  ['file etc/etcd/pki/ca.crt', 1],
  ['file etc/etcd/pki/server.crt', 1],
  ['file etc/etcd/pki/server.key', 1],
  ['file etc/etcd/pki/client.key', 1],
  ['after install-certificates', 1],
] as const;

test('killed at each step from the keys to the certificates, a unit loses no key and asks for nothing twice', async () => {
  await using model = await suite.model({ retryFactor: 0.001 });
  await model.explain('crashes', async () => {
    const points = crashes.map(([label, occurrence]) => ({ unit: 'etcd/0', label, occurrence }));
    await model.deploy(1, points, 'local-ca', { 'fault-late-answer': true });
    await model.healthy(1);
    expect(model.struck()).toEqual(points);
    // The keys were made once: the file that was written after the first kill is the one that is there.
    expect(model.effects('etcd/0').filter((label) => label.endsWith('own.json'))).toHaveLength(2);
    const [signed] = model.emulator.log().filter(({ message }) => /signed [1-9]/.test(message));
    expect(signed?.message).toMatch(/^(\S+: )?signed 2, in all 2 /);
    expect(model.emulator.log().filter(({ message }) => /signed [1-9]/.test(message))).toHaveLength(1);
    await model.expectAtRest();
  });
});
