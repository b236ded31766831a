import { createHookTools, type HookToolRunner, type HookTools } from '../src';
import { parseToolArguments } from '../src/testing/tool-arguments';
import { describeGolden } from './support/golden';

interface Vector {
  readonly id: string;
  readonly tool: string;
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly exit: number | null;
}

/** Which call of ours makes which recorded question; the others' answers have another shape. */
const readers: Readonly<Record<string, (tools: HookTools) => Promise<unknown>>> = {
  'action-get': (tools) => tools.actionGet(),
  'config-get --all': (tools) => tools.configGet(),
  'credential-get': (tools) => tools.credentialGet(),
  'goal-state': (tools) => tools.goalState(),
  'is-leader': (tools) => tools.isLeader(),
  'network-get db': (tools) => tools.networkGet('db'),
  'network-get website': (tools) => tools.networkGet('website'),
  'network-get noingress': (tools) => tools.networkGet('noingress'),
  'network-get noaddr': (tools) => tools.networkGet('noaddr'),
  'network-get v6': (tools) => tools.networkGet('v6'),
  'opened-ports': (tools) => tools.openedPorts(),
  'opened-ports --endpoints': (tools) => tools.openedPorts(),
  'relation-get': (tools) => tools.relationGet(),
  'relation-get -': (tools) => tools.relationGet(),
  'relation-ids website': (tools) => tools.relationIds('website'),
  'relation-ids db': (tools) => tools.relationIds('db'),
  'relation-ids': (tools) => tools.relationIds('db'),
  'relation-list': (tools) => tools.relationList(),
  'relation-list --app': (tools) => tools.relationListApplication(),
  'relation-model-get': (tools) => tools.relationModelGet(),
  'secret-ids': (tools) => tools.secretIds(),
  'secret-get secret:9m4e2mr0ui3e8a215n60': (tools) => tools.secretGet({ id: 'secret:9m4e2mr0ui3e8a215n60' }),
  'secret-info-get secret:9m4e2mr0ui3e8a215n4g': (tools) => tools.secretInfoGet({ id: 'secret:9m4e2mr0ui3e8a215n4g' }),
  'secret-info-get secret:9m4e2mr0ui3e8a215n50': (tools) => tools.secretInfoGet({ id: 'secret:9m4e2mr0ui3e8a215n50' }),
  'state-get': (tools) => tools.stateGet(),
  'status-get --include-data': (tools) => tools.statusGet(),
  'status-get': (tools) => tools.statusGet(),
  'status-get --application --include-data': (tools) => tools.statusGetApplication(),
  'storage-get': (tools) => tools.storageGet(),
  'storage-list': (tools) => tools.storageList(),
  'unit-get private-address': (tools) => tools.unitGet('private-address'),
  'unit-get public-address': (tools) => tools.unitGet('public-address'),
};

/** The question without its format: `tool arg --switch`. */
function question(vector: Vector): string | null {
  const args = parseToolArguments(vector.tool, vector.argv);
  if (args.options['--format'] !== 'json') return null;
  const options = Object.entries(args.options).filter(([name]) => name !== '--format');
  if (options.some(([name, value]) => value !== true && name !== '-r' && name !== '-s')) return null;
  return [vector.tool, ...args.positional, ...options.filter(([, value]) => value === true).map(([name]) => name)].join(
    ' ',
  );
}

/** Every scalar of a JSON value. */
function scalars(value: unknown): readonly (string | number | boolean)[] {
  if (value === null || value === undefined) return [];
  if (typeof value === 'object') return Object.entries(value).flatMap(([, inner]) => scalars(inner));
  return [value as string | number | boolean];
}

describeGolden('recorded answers of hook tools', 'hooktools.jsonl', (lines) => {
  const vectors = (lines as unknown as readonly Vector[]).filter((one) => one.exit === 0);
  const readable = vectors.flatMap((vector) => {
    const read = readers[question(vector) ?? ''];
    return read === undefined ? [] : [[vector.id, vector, read] as const];
  });

  it('cover most readers', () => {
    expect(new Set(readable.map(([, vector]) => vector.tool)).size).toBeGreaterThanOrEqual(12);
  });

  it.each(readable)('%s is read', async (_id, vector, read) => {
    const runner: HookToolRunner = { run: () => Promise.resolve(vector.stdout) };
    const value = await read(createHookTools(runner));
    // Nothing that Juju said is lost on the way, and nothing is added but what absent fields become.
    const said = scalars(JSON.parse(vector.stdout)).map(String);
    const understood = JSON.stringify(value);
    const reshaped = ['credential-get', 'opened-ports'].includes(vector.tool);
    const missing = said.filter((one) => !understood.includes(JSON.stringify(one).slice(1, -1)));
    expect(reshaped ? [] : missing).toEqual([]);
  });

  it('has our own arguments among those Juju accepts', async () => {
    const calls: string[][] = [];
    const runner: HookToolRunner = {
      run: (tool, args) => {
        calls.push([tool, ...args]);
        return Promise.resolve('null');
      },
    };
    const tools = createHookTools(runner);
    await tools.relationSet({ a: 'b' });
    await tools.relationSet({ a: 'b' }, { application: true });
    await tools.stateSet({ a: 'b' });
    const accepted = new Set(vectors.map((one) => [one.tool, ...one.argv].join(' ')));
    for (const call of calls) expect(accepted).toContain(call.join(' '));
    expect(calls).toHaveLength(3);
  });
});
