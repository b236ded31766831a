import { randomBytes } from 'node:crypto';
import { localFiles } from '../../src/tools/agent-files';
import type { ContextSubject } from '../../src/tools/context-subject';
import { HookContext, type LogEntry } from '../../src/tools/hook-context';
import { jujuTools } from '../../src/tools/registry';
import { runTool, type ToolResult } from '../../src/tools/run-tool';
import { RecordedApi } from '../../src/verify/recorded-api';
import type { RecordedWorld } from '../../src/verify/recorded-world';

const network = {
  'bind-addresses': [
    {
      'mac-address': '00:16:3e:00:00:01',
      'interface-name': 'eth0',
      addresses: [{ hostname: '', value: '10.9.0.2', cidr: '10.9.0.0/24' }],
    },
  ],
  'egress-subnets': ['10.9.0.2/32'],
  'ingress-addresses': ['10.9.0.2'],
};

/** A model of two applications, made for these tests. */
export const smallWorld: RecordedWorld = {
  'api-addresses': ['10.9.0.1:17070'],
  'application-status': { application: { status: 'active', info: '', data: {} }, units: {} },
  'charm-state': { seen: 'yes' },
  'cloud-api-version': '',
  'cloud-spec': null,
  config: { port: 2379, name: 'web', empty: '', unset: null, on: true, ratio: 0.5 },
  'goal-state': {
    units: { 'web/0': { status: 'active', since: '2026-05-06T07:08:09Z' } },
    relations: { store: { 'disk/0': { status: 'joining', since: null } } },
  },
  'juju-proxy': {},
  leader: true,
  'legacy-proxy': {},
  machine: '1',
  'model-name': 'small',
  'model-uuid': '11111111-2222-4333-8444-555555555555',
  networks: { '': network, store: network },
  'new-secret-ids': ['secret://11111111-2222-4333-8444-555555555555/00000000000000000001'],
  'opened-machine-ports': { 'web/0': { '': [{ 'from-port': 80, 'to-port': 80, protocol: 'tcp' }] } },
  principal: '',
  'private-address': '10.9.0.2',
  'public-address': '192.0.2.7',
  relations: [
    {
      id: 3,
      endpoint: 'store',
      key: 'disk:space web:store',
      life: 'alive',
      suspended: false,
      'other-application': 'disk',
      'other-model-uuid': '11111111-2222-4333-8444-555555555555',
      members: ['disk/0'],
      'app-settings': { disk: { size: '10' }, web: {} },
      'unit-settings': { 'disk/0': { 'ingress-address': '10.9.0.3' }, 'web/0': { 'ingress-address': '10.9.0.2' } },
    },
  ],
  resources: { blob: { content: 'x', error: '', path: 'blob/x.tgz' } },
  secrets: [],
  storage: [{ id: 'cache/0', kind: 'filesystem', location: '/srv/cache', unprovisioned: false }],
  unit: 'web/0',
  'unit-status': { status: 'waiting', info: 'for disk', data: {} },
  zone: '',
};

export const relationChanged: ContextSubject = {
  kind: 'relation',
  hook: 'relation-changed',
  relationId: 3,
  remoteUnit: 'disk/0',
  remoteApplication: 'disk',
};
export const start: ContextSubject = { kind: 'lifecycle', hook: 'start' };

export interface Execution {
  readonly api: RecordedApi;
  readonly context: HookContext;
  readonly log: LogEntry[];
  /** Runs a tool as `name arg ...`. */
  readonly tool: (name: string, args?: readonly string[], stdin?: string) => Promise<ToolResult | 'stdin required'>;
}

export async function execute(subject: ContextSubject, world: Partial<RecordedWorld> = {}): Promise<Execution> {
  const api = new RecordedApi({ ...smallWorld, ...world }, '/resources');
  const log: LogEntry[] = [];
  const context = await HookContext.create({
    api,
    subject,
    contextId: `web/0-test-${randomBytes(4).toString('hex')}`,
    log: (entry) => void log.push(entry),
    files: localFiles(),
    now: () => new Date('2030-01-01T00:00:00Z'),
  });
  return {
    api,
    context,
    log,
    tool: (name, args = [], stdin) =>
      runTool(jujuTools, context, {
        tool: name,
        args,
        dir: '/',
        stdin: stdin === undefined ? undefined : Buffer.from(stdin),
      }),
  };
}
