import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHookContext, type RelationBag } from '@juju/charm-helpers-ts';
import type { Entry } from '../src/entries';
import { Provider, type Remote } from './support/provider';
import { fits, fromPem, fromRecording, signingRequest, type AbstractCertificate } from './support/requester';

interface RecordedHook {
  readonly scenario: string;
  readonly seq: number;
  readonly hook: string;
  readonly note: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly leader: boolean;
  readonly remote: Readonly<
    Record<
      string,
      { readonly app: string; readonly units: readonly string[]; readonly data: Record<string, RelationBag> }
    >
  >;
  readonly relationSet: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>>;
  readonly toolCalls: readonly (readonly string[])[];
  readonly toolIO: readonly { readonly stdout?: string }[];
  readonly exit: number;
}

const goldenDir = process.env['GOLDEN_DIR'] ?? join(__dirname, '..', '..', '..', '..', 'shared', 'golden');
const file = join(goldenDir, 'partners', 'self-signed.jsonl');
const recorded = existsSync(file);
if (!recorded) console.warn(`SKIPPED: the recorded bags are not replayed: no ${file}: set GOLDEN_DIR`);

jest.setTimeout(180_000);

const lines = recorded ? readFileSync(file, 'utf8').trim().split('\n') : [];
const hooks = lines.map((line) => JSON.parse(line) as RecordedHook);
const own = 'self-signed-certificates';

/** What of the recording this charm does not do: the limit, the check of validities, the authority in a secret, the other endpoint. */
const notDone = (hook: RecordedHook): boolean =>
  hook.scenario === 'main' && (hook.seq > 49 || [42, 44, 45].includes(hook.seq));

const isOnCopy = (hook: RecordedHook, seq: number): boolean => hook.scenario === 'main' && hook.seq === seq;

/** A recorded entry, or one of ours, without what differs between two runs. */
interface AbstractEntry {
  readonly csr: string;
  readonly certificate: AbstractCertificate;
  readonly ca: string;
  readonly chain: number;
  readonly revoked: boolean;
  readonly keys: readonly string[];
}

const csrMark = /<CSR (r\d+) CN=(.*?)>/g;

/** The CSRs of the recording by number: the names in their certificates are those that were asked for. */
function signingRequests(): ReadonlyMap<string, string> {
  const texts = hooks.flatMap(({ relationSet }) => Object.values(relationSet).flatMap((sides) => Object.values(sides)));
  const entries = texts.flatMap((bag) => JSON.parse(bag['certificates'] ?? '[]') as (Entry | string)[]);
  const csrs = new Map<string, string>();
  for (const [, number = '', commonName = ''] of lines.join('\n').matchAll(csrMark)) {
    const entry = entries.find(
      (one): one is Entry => typeof one !== 'string' && one.certificate_signing_request.startsWith(`<CSR ${number} `),
    );
    if (!csrs.has(number))
      csrs.set(number, signingRequest(commonName, entry ? fromRecording(entry.certificate).sans : []));
  }
  return csrs;
}

/** A remote bag with real CSRs in it. */
function expanded(bag: RelationBag, csrs: ReadonlyMap<string, string>): RelationBag {
  const fill = (text: string): string =>
    text.replaceAll(csrMark, (_, number: string) => JSON.stringify((csrs.get(number) ?? '').trim()).slice(1, -1));
  return Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, fill(value)]));
}

(recorded ? describe.each(['main', 'request-first']) : describe.skip.each(['main']))('scenario %s', (scenario) => {
  test('the recorded answers, hook by hook', async () => {
    const csrs = signingRequests();
    const numbers = new Map([...csrs].map(([number, csr]) => [csr.trim(), number]));
    const ours = (entry: Entry): AbstractEntry => {
      expect(fits(entry.certificate, entry.ca)).toBe(true);
      for (const pem of [entry.ca, entry.certificate, entry.certificate_signing_request])
        expect(pem).toMatch(/^-----BEGIN [A-Z ]+-----\n[\s\S]+\n-----END [A-Z ]+-----$/);
      return abstractEntry(entry, fromPem, numbers.get(entry.certificate_signing_request) ?? '');
    };
    const provider = await Provider.create();
    let theirs: readonly Entry[] = [];
    let kept: { readonly bags: Provider['bags']; readonly theirs: readonly Entry[] } | null = null;
    let compared = 0;
    try {
      for (const hook of hooks.filter((one) => one.scenario === scenario && !notDone(one))) {
        const where = `${hook.seq} ${hook.hook} (${hook.note ?? ''})`;
        // Recorded on a copy of the unit, which was put back: bad requests, after the next update-status, and all from 39 to 45.
        if (hook.note?.startsWith('BAD') === true || isOnCopy(hook, 39)) kept = { bags: provider.bags, theirs };
        const remotes: Record<string, Remote> = Object.fromEntries(
          Object.entries(hook.remote)
            .filter(([id]) => id === 'certificates:0')
            .map(([id, { app, units, data }]) => [
              id,
              {
                app,
                application: expanded(data[app] ?? {}, csrs),
                bags: Object.fromEntries(units.map((unit) => [unit, expanded(data[unit] ?? {}, csrs)])),
              },
            ]),
        );
        const { event } = parseHookContext({ ...hook.env, JUJU_DISPATCH_PATH: `hooks/${hook.hook}` });
        if (event.kind === 'action') throw new Error('there are no actions in the recordings');
        provider.leader = hook.leader;
        provider.config = { ...configOf(hook, provider.config), 'fault-late-answer': true };
        const outcome = await provider.run(event, remotes, `${own}/0`);
        expect([where, outcome.exitCode]).toEqual([where, 0]);
        const set = hook.relationSet['certificates:0']?.[own]?.['certificates'];
        if (set !== undefined) theirs = JSON.parse(set ?? '[]') as Entry[];
        // Where a request makes it fail, this charm skips the request.
        if (hook.exit === 0) {
          expect([where, outcome.wrote]).toEqual([where, set !== undefined]);
          const wanted = theirs.map((one) => abstractEntry(one, fromRecording, csrNumber(one)));
          expect([where, sorted(provider.entries().map(ours))]).toEqual([where, sorted(wanted)]);
          compared += wanted.length;
        }
        if (kept !== null && (hook.seq < 39 ? hook.hook === 'update-status' : isOnCopy(hook, 43))) {
          provider.bags = kept.bags;
          theirs = kept.theirs;
          kept = null;
        }
      }
    } finally {
      provider.remove();
    }
    console.log(`scenario ${scenario}: ${compared} entries compared`);
    expect(compared).toBeGreaterThan(scenario === 'main' ? 60 : 0);
  });
});

function abstractEntry(entry: Entry, read: (text: string) => AbstractCertificate, csr: string): AbstractEntry {
  const [first, second] = entry.chain.map(read);
  const certificate = read(entry.certificate);
  expect([first, second]).toEqual([certificate, read(entry.ca)]);
  return {
    csr,
    certificate,
    ca: read(entry.ca).commonName,
    chain: entry.chain.length,
    revoked: entry.revoked === true,
    keys: Object.keys(entry).sort(),
  };
}

const csrNumber = (entry: Entry): string => /^<CSR (r\d+) /.exec(entry.certificate_signing_request)?.[1] ?? '';

const sorted = (entries: readonly AbstractEntry[]): readonly AbstractEntry[] =>
  [...entries].sort((one, other) => one.csr.localeCompare(other.csr));

/** The options as the recorded charm read them in this hook. */
function configOf(hook: RecordedHook, before: Provider['config']): Provider['config'] {
  const call = hook.toolCalls.findIndex(([tool]) => tool === 'config-get');
  const text = call < 0 ? undefined : hook.toolIO[call]?.stdout;
  if (text === undefined) return before;
  const values = JSON.parse(text) as Record<string, string>;
  return {
    'ca-common-name': values['ca-common-name'] ?? '',
    'certificate-validity': values['certificate-validity'] ?? '',
  };
}
