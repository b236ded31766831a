import { parseHookContext } from '@juju/charm-helpers-ts';
import { fromPem, fromRecording, keyFits, type AbstractCertificate } from './support/abstract-bag';
import { easyRsaMissing, Provider, type Remote } from './support/provider';
import { recordedHooks, recordingsMissing, type RecordedHook } from './support/recordings';

const missing = easyRsaMissing ?? recordingsMissing;
if (missing !== null) console.warn(`SKIPPED: the recorded bags are not replayed: ${missing}`);
const describeWhenPossible = missing === null ? describe : describe.skip;

jest.setTimeout(180_000);

const scenarios = ['main', 'extra'];
const everyFault = {
  'fault-stale-answer': true,
  'fault-endless-reissue': true,
  'fault-fail-on-bad-request': true,
  'fault-letters-as-sans': true,
};

interface Replayed {
  readonly recorded: RecordedHook;
  readonly exitCode: number;
  readonly message: string;
  /** The own bags after the hook, by relation. */
  readonly bags: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Keys that the hook wrote, by relation. */
  readonly written: Readonly<Record<string, readonly string[]>>;
}

const done = new Map<string, Promise<readonly Replayed[]>>();

/** A replay issues some dozens of certificates: each is done once and looked at by several tests. */
function replay(scenario: string, config: Readonly<Record<string, boolean>>): Promise<readonly Replayed[]> {
  const key = JSON.stringify([scenario, config]);
  const running = done.get(key) ?? runScenario(scenario, config);
  done.set(key, running);
  return running;
}

/** Runs the charm through a recorded scenario: the same hooks, with the same data on the other side. */
async function runScenario(scenario: string, config: Readonly<Record<string, boolean>>): Promise<readonly Replayed[]> {
  const provider = await Provider.create(config);
  const replayed: Replayed[] = [];
  let onCopy = false;
  try {
    for (const recorded of recordedHooks(scenario)) {
      // Bad requests were recorded on a copy of the unit, which was put back after the next update-status.
      if (recorded.note?.startsWith('BAD') === true) {
        provider.keep();
        onCopy = true;
      }
      const remotes = remotesOf(recorded);
      const before = Object.fromEntries(Object.keys(remotes).map((id) => [id, provider.bag(id)]));
      const { event, unit } = parseHookContext({ ...recorded.env, JUJU_DISPATCH_PATH: `hooks/${recorded.hook}` });
      if (event.kind === 'action') throw new Error('there are no actions in the recordings');
      const outcome = await provider.run(event, remotes, { leader: recorded.leader, unit });
      const bags = Object.fromEntries(Object.keys(remotes).map((id) => [id, provider.bag(id)]));
      const written = Object.fromEntries(
        Object.entries(bags).map(([id, bag]) => [
          id,
          Object.keys(bag)
            .filter((key) => bag[key] !== before[id]?.[key])
            .sort(),
        ]),
      );
      replayed.push({ recorded, exitCode: outcome.exitCode, message: outcome.status.message, bags, written });
      if (onCopy && recorded.hook === 'update-status') {
        provider.putBack();
        onCopy = false;
      }
    }
    return replayed;
  } finally {
    provider.remove();
  }
}

const remotesOf = (recorded: RecordedHook): Readonly<Record<string, Remote>> =>
  Object.fromEntries(
    Object.entries(recorded.remote).map(([id, { app, units, data }]) => [
      id,
      { app, bags: Object.fromEntries(units.map((unit) => [unit, data[unit] ?? {}])) },
    ]),
  );

/** Keys that every relation has; here they come with relation-created, there sometimes one hook later. */
const shared = new Set(['ca', 'client.cert', 'client.key']);

type AbstractValue = AbstractCertificate | Readonly<Record<string, AbstractCertificate>> | 'key';

/** A bag's value in the words of the recordings, whichever of the two it comes from. */
function abstractValue(key: string, value: string, read: (text: string) => AbstractCertificate): AbstractValue {
  if (key.endsWith('.key')) return 'key';
  if (!/\.processed_(client_)?requests$/.test(key)) return read(value);
  const entries = Object.entries(JSON.parse(value) as Record<string, { cert: string }>);
  return Object.fromEntries(entries.map(([name, { cert }]) => [name, read(cert)]));
}

const label = ({ scenario, seq, hook, note }: RecordedHook): string => `${scenario} ${seq} ${hook} (${note ?? ''})`;

/** The reactive charm keeps server and client certificates of a name in one file, and serves one for the other. */
const servedForAnother = (value: AbstractValue, key: string): boolean =>
  key.endsWith('.processed_client_requests') &&
  Object.values(value as Readonly<Record<string, AbstractCertificate>>).some(({ eku }) => eku.includes('serverAuth'));

describeWhenPossible('with all faults on', () => {
  test.each(scenarios)('scenario %s gives the recorded answers, hook by hook', async (scenario) => {
    const replayed = await replay(scenario, everyFault);
    let compared = 0;
    for (const { recorded, exitCode, bags, written } of replayed) {
      const where = label(recorded);
      expect([where, exitCode]).toEqual([where, recorded.exit]);
      for (const id of Object.keys(recorded.remote)) {
        const set = Object.values(recorded.relationSet[id] ?? {})[0] ?? {};
        const keys = Object.keys(set).filter((key) => !shared.has(key));
        expect([where, id, written[id]?.filter((key) => !shared.has(key))]).toEqual([where, id, keys.sort()]);
        for (const key of Object.keys(set)) {
          const theirs = abstractValue(key, set[key] ?? '', fromRecording);
          const ours = abstractValue(key, bags[id]?.[key] ?? '', fromPem);
          if (servedForAnother(theirs, key)) continue;
          expect([where, key, ours]).toEqual([where, key, theirs]);
          compared += 1;
        }
      }
    }
    console.log(`scenario ${scenario}: ${replayed.length} hooks, ${compared} values compared`);
    expect(compared).toBeGreaterThan(20);
  });

  test.each(scenarios)('scenario %s gives the recorded status', async (scenario) => {
    for (const { recorded, message } of await replay(scenario, everyFault)) {
      const [last] = recorded.status.slice(-1);
      // The reactive charm tells its first relation of the authority at joined, this one at created.
      if (recorded.hook.endsWith('-joined') || recorded.hook === 'stop' || last === undefined) continue;
      expect([label(recorded), message]).toEqual([label(recorded), last[1]]);
    }
  });
});

describeWhenPossible('without faults', () => {
  test.each(scenarios)('scenario %s: no hook fails, and no answer is another than what was asked', async (scenario) => {
    let checked = 0;
    for (const { recorded, exitCode, bags } of await replay(scenario, {})) {
      const where = label(recorded);
      expect([where, exitCode]).toEqual([where, 0]);
      if (recorded.hook.endsWith('-broken') || recorded.hook === 'stop') continue;
      for (const [id, { units, data }] of Object.entries(recorded.remote)) {
        for (const unit of units) {
          const { common_name: commonName = '', sans = '', unit_name: unitName = unit } = data[unit] ?? {};
          const cert = bags[id]?.[`${unitName.replaceAll('/', '_')}.server.cert`];
          if (commonName === '' || !isGood(commonName, sans)) continue;
          const asked = sans === '' ? [] : (JSON.parse(sans) as string[]);
          const answer = fromPem(cert ?? '');
          expect([where, answer.commonName]).toEqual([where, commonName]);
          expect([where, [...new Set(answer.sans)]]).toEqual([
            where,
            asked.length === 0 ? [commonName] : [...new Set(asked)].sort(),
          ]);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(5);
  });

  test.each(scenarios)('scenario %s: an update-status after an answer writes nothing', async (scenario) => {
    let checked = 0;
    for (const { recorded, written } of await replay(scenario, {})) {
      if (recorded.hook !== 'update-status') continue;
      expect([label(recorded), ...Object.values(written).flat()]).toEqual([label(recorded)]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(2);
  });

  test('every key belongs to its certificate and stands in PKCS#8, every certificate has its print in front', async () => {
    const [last] = (await replay('main', {})).filter(({ recorded }) => recorded.hook === 'upgrade-charm');
    const bag = last?.bags['client:0'] ?? {};
    const certificates = Object.keys(bag).filter((key) => key.endsWith('.cert'));
    expect(certificates).toEqual(expect.arrayContaining(['client.cert', 'etcd_0.server.cert', 'etcd_1.server.cert']));
    for (const key of certificates) {
      expect(bag[key]).toMatch(/^Certificate:\n {4}Data:/);
      expect(keyFits(bag[key] ?? '', bag[key.replace(/cert$/, 'key')] ?? '')).toBe(true);
    }
    expect(bag['ca']).toMatch(/^-----BEGIN CERTIFICATE-----[^:]*-----END CERTIFICATE-----\n$/);
  });
});

/** Requests that this charm must answer: a name with a plain spelling, and SANs that are a list of such names. */
function isGood(commonName: string, sans: string): boolean {
  const plain = /^[A-Za-z0-9.:_@*-]{1,64}$/;
  if (!plain.test(commonName)) return false;
  try {
    const names: unknown = sans === '' ? [] : JSON.parse(sans);
    return Array.isArray(names) && names.every((name) => typeof name === 'string' && plain.test(name));
  } catch {
    return false;
  }
}
