import { createHookTools, relationId, tcp, unitName, type HookTools } from '../src';
import { recordingRunner } from './support/recording-runner';

interface ToolCase {
  readonly name: string;
  readonly call: (tools: HookTools) => Promise<unknown>;
  readonly answer: string;
  readonly argv: readonly string[];
  readonly gives: unknown;
  readonly stdin?: string;
  readonly privateFile?: string;
}

const db = relationId('db:7');
const goal = { status: 'active', since: '2026-01-02 03:04:05Z' };

const cases: readonly ToolCase[] = [
  {
    name: 'relationIds',
    call: (t) => t.relationIds('db'),
    answer: '["db:1","db:4"]\n',
    argv: ['relation-ids', 'db', '--format=json'],
    gives: ['db:1', 'db:4'],
  },
  {
    name: 'relationList',
    call: (t) => t.relationList({ relation: db }),
    answer: '["pg/0"]\n',
    argv: ['relation-list', '-r', 'db:7', '--format=json'],
    gives: ['pg/0'],
  },
  {
    name: 'relationListApplication',
    call: (t) => t.relationListApplication(),
    answer: '"pg"\n',
    argv: ['relation-list', '--app', '--format=json'],
    gives: 'pg',
  },
  {
    name: 'relationGet of the hook',
    call: (t) => t.relationGet(),
    answer: '{}\n',
    argv: ['relation-get', '-', '--format=json'],
    gives: {},
  },
  {
    name: 'relationGet of a unit',
    call: (t) => t.relationGet({ relation: db, unit: unitName('pg/0') }),
    answer: '{"a":"1"}\n',
    argv: ['relation-get', '-r', 'db:7', '-', 'pg/0', '--format=json'],
    gives: { a: '1' },
  },
  {
    name: 'relationGet of an application',
    call: (t) => t.relationGet({ relation: db, application: 'pg' }),
    answer: '{"a":"1"}\n',
    argv: ['relation-get', '-r', 'db:7', '--app', '-', 'pg', '--format=json'],
    gives: { a: '1' },
  },
  {
    name: 'relationSet',
    call: (t) => t.relationSet({ key: 'PEM\n', gone: null }, { relation: db }),
    answer: '',
    argv: ['relation-set', '-r', 'db:7', '--file', '-'],
    stdin: '{"key":"PEM\\n","gone":""}',
    gives: undefined,
  },
  {
    name: 'relationSet of the application',
    call: (t) => t.relationSet({ a: '\u2028' }, { application: true }),
    answer: '',
    argv: ['relation-set', '--app', '--file', '-'],
    stdin: '{"a":"\\u2028"}',
    gives: undefined,
  },
  {
    name: 'relationModelGet',
    call: (t) => t.relationModelGet(),
    answer: '{"uuid":"u"}\n',
    argv: ['relation-model-get', '--format=json'],
    gives: { uuid: 'u' },
  },
  {
    name: 'configGet',
    call: (t) => t.configGet(),
    answer: '{"port":5432,"on":true,"s":"x","none":null}\n',
    argv: ['config-get', '--all', '--format=json'],
    gives: { port: 5432, on: true, s: 'x', none: null },
  },
  { name: 'isLeader', call: (t) => t.isLeader(), answer: 'true\n', argv: ['is-leader', '--format=json'], gives: true },
  {
    name: 'leaderGet',
    call: (t) => t.leaderGet(),
    answer: '{"a":"b"}\n',
    argv: ['leader-get', '-', '--format=json'],
    gives: { a: 'b' },
  },
  {
    name: 'leaderSet',
    call: (t) => t.leaderSet({ a: 'b', c: null }),
    answer: '',
    argv: ['leader-set', 'a=b', 'c='],
    gives: undefined,
  },
  {
    name: 'statusSet',
    call: (t) => t.statusSet('active', '-x'),
    answer: '',
    argv: ['status-set', '--', 'active', '-x'],
    gives: undefined,
  },
  {
    name: 'statusSetApplication',
    call: (t) => t.statusSetApplication('blocked'),
    answer: '',
    argv: ['status-set', '--application', '--', 'blocked', ''],
    gives: undefined,
  },
  {
    name: 'statusGet',
    call: (t) => t.statusGet(),
    answer: '{"message":"m","status":"active","status-data":{}}\n',
    argv: ['status-get', '--include-data', '--format=json'],
    gives: { status: 'active', message: 'm', data: {} },
  },
  {
    name: 'statusGetApplication',
    call: (t) => t.statusGetApplication(),
    argv: ['status-get', '--application', '--include-data', '--format=json'],
    answer:
      '{"application-status":{"message":"need db","status":"blocked","status-data":{"a":"b"},"units":{"app/0":{"message":"u0","status":"active","status-data":{}}}}}\n',
    gives: {
      status: 'blocked',
      message: 'need db',
      data: { a: 'b' },
      units: { 'app/0': { status: 'active', message: 'u0', data: {} } },
    },
  },
  {
    name: 'goalState',
    call: (t) => t.goalState(),
    argv: ['goal-state', '--format=json'],
    answer: JSON.stringify({ units: { 'app/0': goal }, relations: { db: { pg: goal, 'pg/0': goal } } }),
    gives: { units: { 'app/0': goal }, relations: { db: { applications: { pg: goal }, units: { 'pg/0': goal } } } },
  },
  {
    name: 'networkGet',
    call: (t) => t.networkGet('db', { relation: db }),
    argv: ['network-get', 'db', '-r', 'db:7', '--format=json'],
    answer:
      '{"bind-addresses":[{"mac-address":"00:16","interface-name":"eth0","addresses":[{"hostname":"","value":"10.1.2.3","cidr":"10.1.2.0/24"}]}],"egress-subnets":["10.1.2.3/32"],"ingress-addresses":["10.1.2.3"]}\n',
    gives: {
      bindAddresses: [
        {
          interfaceName: 'eth0',
          macAddress: '00:16',
          addresses: [{ address: '10.1.2.3', cidr: '10.1.2.0/24', hostname: null }],
        },
      ],
      ingressAddresses: ['10.1.2.3'],
      egressSubnets: ['10.1.2.3/32'],
    },
  },
  {
    name: 'networkGet of Juju 2.9',
    call: (t) => t.networkGet('db'),
    argv: ['network-get', 'db', '--format=json'],
    answer:
      '{"bind-addresses":[{"macaddress":"00:16","interfacename":"eth0","addresses":[{"address":"10.1.2.3","cidr":""}]}]}\n',
    gives: {
      bindAddresses: [
        {
          interfaceName: 'eth0',
          macAddress: '00:16',
          addresses: [{ address: '10.1.2.3', cidr: null, hostname: null }],
        },
      ],
      ingressAddresses: [],
      egressSubnets: [],
    },
  },
  {
    name: 'unitGet',
    call: (t) => t.unitGet('private-address'),
    answer: '"10.1.2.3"\n',
    argv: ['unit-get', 'private-address', '--format=json'],
    gives: '10.1.2.3',
  },
  {
    name: 'openPort',
    call: (t) => t.openPort(tcp(2379)),
    answer: '',
    argv: ['open-port', '2379/tcp'],
    gives: undefined,
  },
  {
    name: 'openPort for endpoints',
    call: (t) => t.openPort(tcp(1, 9), { endpoints: ['db', 'web'] }),
    answer: '',
    argv: ['open-port', '1-9/tcp', '--endpoints', 'db,web'],
    gives: undefined,
  },
  {
    name: 'closePort',
    call: (t) => t.closePort({ protocol: 'icmp' }),
    answer: '',
    argv: ['close-port', 'icmp'],
    gives: undefined,
  },
  {
    name: 'openedPorts',
    call: (t) => t.openedPorts(),
    argv: ['opened-ports', '--endpoints', '--format=json'],
    answer: '["80/tcp (*)","8000-8010/udp (db, web)","icmp (*)"]\n',
    gives: [
      { range: tcp(80), endpoints: 'all' },
      { range: { protocol: 'udp', from: 8000, to: 8010 }, endpoints: ['db', 'web'] },
      { range: { protocol: 'icmp' }, endpoints: 'all' },
    ],
  },
  { name: 'stateGet', call: (t) => t.stateGet(), answer: 'null\n', argv: ['state-get', '--format=json'], gives: {} },
  {
    name: 'stateSet',
    call: (t) => t.stateSet({ token: 'x' }),
    answer: '',
    argv: ['state-set', '--file', '-'],
    stdin: '{"token":"x"}',
    gives: undefined,
  },
  {
    name: 'stateDelete',
    call: (t) => t.stateDelete('token'),
    answer: '',
    argv: ['state-delete', '--', 'token'],
    gives: undefined,
  },
  {
    name: 'resourceGet',
    call: (t) => t.resourceGet('core'),
    answer: '/var/lib/juju/core.tgz',
    argv: ['resource-get', 'core'],
    gives: '/var/lib/juju/core.tgz',
  },
  {
    name: 'storageList',
    call: (t) => t.storageList('data'),
    answer: '["data/0"]\n',
    argv: ['storage-list', 'data', '--format=json'],
    gives: ['data/0'],
  },
  {
    name: 'storageGet',
    call: (t) => t.storageGet('data/0'),
    answer: '{"kind":"block","location":"/dev/sdb"}\n',
    argv: ['storage-get', '-s', 'data/0', '--format=json'],
    gives: { kind: 'block', location: '/dev/sdb' },
  },
  {
    name: 'storageAdd',
    call: (t) => t.storageAdd('data', 2),
    answer: '',
    argv: ['storage-add', 'data=2'],
    gives: undefined,
  },
  {
    name: 'secretAdd',
    call: (t) => t.secretAdd({ password: 'p' }, { owner: 'unit', label: 'l', rotate: 'daily' }),
    answer: 'secret:9m4e\n',
    argv: ['secret-add', '--owner', 'unit', '--label', 'l', '--rotate', 'daily'],
    privateFile: '{"password":"p"}',
    gives: 'secret:9m4e',
  },
  {
    name: 'secretGet',
    call: (t) => t.secretGet({ id: 'secret:9m4e' }, { revision: 'refresh' }),
    answer: '{"password":"p"}\n',
    argv: ['secret-get', 'secret:9m4e', '--refresh', '--format=json'],
    gives: { password: 'p' },
  },
  {
    name: 'secretGet by label',
    call: (t) => t.secretGet({ label: 'l' }),
    answer: '{"password":"p"}\n',
    argv: ['secret-get', '--label', 'l', '--format=json'],
    gives: { password: 'p' },
  },
  {
    name: 'secretInfoGet',
    call: (t) => t.secretInfoGet({ label: 'l' }),
    argv: ['secret-info-get', '--label', 'l', '--format=json'],
    answer:
      '{"9m4e":{"revision":3,"label":"l","owner":"application","rotation":"never","access":[{"target":"application-x","scope":"relation-y","role":"view"}]}}\n',
    gives: {
      id: '9m4e',
      revision: 3,
      label: 'l',
      owner: 'application',
      description: null,
      rotation: 'never',
      expiry: null,
      rotates: null,
      access: [{ target: 'application-x', scope: 'relation-y', role: 'view' }],
    },
  },
  { name: 'secretIds', call: (t) => t.secretIds(), answer: 'null\n', argv: ['secret-ids', '--format=json'], gives: [] },
  {
    name: 'secretSet',
    call: (t) => t.secretSet('9m4e', { password: 'q' }),
    answer: '',
    argv: ['secret-set', '9m4e'],
    privateFile: '{"password":"q"}',
    gives: undefined,
  },
  {
    name: 'secretSet of metadata',
    call: (t) => t.secretSet('9m4e', null, { description: 'd', expire: '24h' }),
    answer: '',
    argv: ['secret-set', '9m4e', '--description', 'd', '--expire', '24h'],
    gives: undefined,
  },
  {
    name: 'secretRemove',
    call: (t) => t.secretRemove('9m4e', { revision: 2 }),
    answer: '',
    argv: ['secret-remove', '9m4e', '--revision', '2'],
    gives: undefined,
  },
  {
    name: 'secretGrant',
    call: (t) => t.secretGrant('9m4e', { relation: db, unit: unitName('pg/0') }),
    answer: '',
    argv: ['secret-grant', '9m4e', '--relation', 'db:7', '--unit', 'pg/0'],
    gives: undefined,
  },
  {
    name: 'secretRevoke',
    call: (t) => t.secretRevoke('9m4e', { application: 'pg' }),
    answer: '',
    argv: ['secret-revoke', '9m4e', '--app', 'pg'],
    gives: undefined,
  },
  {
    name: 'actionGet',
    call: (t) => t.actionGet(),
    answer: '{"n":1}\n',
    argv: ['action-get', '--format=json'],
    gives: { n: 1 },
  },
  {
    name: 'actionSet',
    call: (t) => t.actionSet({ a: { b: 1, c: { d: 'x' } }, e: true }),
    answer: '',
    argv: ['action-set', '--', 'a.b=1', 'a.c.d=x', 'e=true'],
    gives: undefined,
  },
  {
    name: 'actionFail',
    call: (t) => t.actionFail('-no'),
    answer: '',
    argv: ['action-fail', '--', '-no'],
    gives: undefined,
  },
  {
    name: 'actionLog',
    call: (t) => t.actionLog('half'),
    answer: '',
    argv: ['action-log', '--', 'half'],
    gives: undefined,
  },
  {
    name: 'jujuLog',
    call: (t) => t.jujuLog('WARNING', 'm'),
    answer: '',
    argv: ['juju-log', '--log-level', 'WARNING', '--', 'm'],
    gives: undefined,
  },
  {
    name: 'applicationVersionSet',
    call: (t) => t.applicationVersionSet('3.5'),
    answer: '',
    argv: ['application-version-set', '--', '3.5'],
    gives: undefined,
  },
  {
    name: 'jujuReboot',
    call: (t) => t.jujuReboot({ now: true }),
    answer: '',
    argv: ['juju-reboot', '--now'],
    gives: undefined,
  },
  {
    name: 'credentialGet',
    call: (t) => t.credentialGet(),
    argv: ['credential-get', '--format=json'],
    answer:
      '{"type":"lxd","name":"localhost","region":"localhost","credential":{"auth-type":"certificate","attrs":{"k":"v"}},"is-controller-cloud":true}\n',
    gives: {
      type: 'lxd',
      name: 'localhost',
      region: 'localhost',
      endpoint: null,
      isControllerCloud: true,
      credential: { authType: 'certificate', attributes: { k: 'v' } },
    },
  },
];

describe('hook tools', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { runner, calls } = recordingRunner(one.answer);
    expect(await one.call(createHookTools(runner))).toEqual(one.gives);
    expect(calls.map(({ tool, args }) => [tool, ...args])).toEqual([one.argv]);
    expect(calls[0]?.options?.stdin).toBe(one.stdin);
    expect(calls[0]?.options?.privateFile).toBe(one.privateFile);
  });

  it('covers every tool', () => {
    const tested = new Set(cases.map(({ name }) => name.split(' ')[0]));
    const all = Object.keys(createHookTools(recordingRunner('').runner));
    expect(all.filter((name) => !tested.has(name))).toEqual([]);
  });

  it.each(['{"a":1}', '[]', 'not json'])(
    'refuses %s where it expects a map of strings, without quoting it',
    async (answer) => {
      const tools = createHookTools(recordingRunner(answer).runner);
      await expect(tools.relationGet()).rejects.toMatchObject({ code: 'unexpected-output', tool: 'relation-get' });
      await expect(tools.relationGet()).rejects.not.toThrow(answer);
    },
  );

  it('writes no empty log line, which the tool would refuse', async () => {
    const { runner, calls } = recordingRunner('');
    await createHookTools(runner).jujuLog('INFO', '');
    expect(calls).toEqual([]);
  });
});
