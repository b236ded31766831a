import { jujuRelease } from '../context';
import { endpointOf } from '../names';
import type { GoalState } from '../tools/goal-state';
import type { LogLevel } from '../tools/log';
import type { NetworkInfo } from '../tools/network';
import { formatPortRange, parsePortRange, type OpenedPort } from '../tools/port';
import type { SettableStatus } from '../tools/status';
import type { HookSession } from './hook-session';
import { PlainText, type KitCall, type KitTools } from './kit-tool';
import { refuse } from './refusal';
import { isPeer, type State } from './state';
import { keyValues, option } from './tool-arguments';
import { stringValues } from './yaml-input';

/** All tools but those of relations, secrets and actions. */
export const unitKitTools: KitTools = {
  'config-get': ({ session, args }) => {
    const all = configValues(session);
    const [key] = args.positional;
    if (key !== undefined && key !== '') return all[key] ?? null;
    const entries = Object.entries(all).filter(([, value]) => value !== null || args.options['--all'] === true);
    return Object.fromEntries(entries);
  },
  'is-leader': ({ session }) => session.before.leader,
  'leader-get': ({ session }) => {
    refuseFrom(session, 4, 'leader-get');
    return session.immediate.leaderSettings;
  },
  'leader-set': ({ session, args }) => {
    refuseFrom(session, 4, 'leader-set');
    if (!session.before.leader) refuse(1, 'cannot write leadership settings: not the leader');
    const merged = { ...session.immediate.leaderSettings, ...keyValues(args.positional) };
    const leaderSettings = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
    session.immediate = { ...session.immediate, leaderSettings };
  },
  'status-set': (call) => setStatus(call),
  'status-get': ({ session, args }) => {
    // Read once a hook: what the hook set since does not show.
    const { status, applicationStatus, unit, leader } = session.before;
    if (args.options['--application'] !== true) return { ...status, 'status-data': {} };
    if (!leader) refuse(1, 'finding application status: this unit is not the leader');
    return {
      'application-status': {
        ...applicationStatus,
        'status-data': {},
        units: { [unit]: { ...status, 'status-data': {} } },
      },
    };
  },
  'application-version-set': ({ session, args }) => {
    session.immediate = {
      ...session.immediate,
      applicationVersion: args.positional[0] ?? refuse(2, 'no version specified'),
    };
  },
  'juju-log': ({ session, args }) => {
    if (args.positional.length === 0) refuse(2, 'no message specified');
    session.logs.push({
      level: (option(args, '--log-level', '-l') ?? 'INFO') as LogLevel,
      message: args.positional.join(' '),
    });
  },
  'juju-reboot': ({ session, args }) => {
    if (session.action !== null) refuse(1, 'juju-reboot is not supported when running an action.');
    if (args.options['--now'] === true) refuse(1, 'the testing kit has no machine to reboot in the middle of a hook');
    session.pending = { ...session.pending, rebootRequested: true };
  },
  'goal-state': ({ session }) => goalStateJson(session.before),
  'network-get': ({ session, args }) => networkJson(session, args.positional[0] ?? refuse(2, 'no arguments specified')),
  'unit-get': ({ session, args }) => {
    const [setting] = args.positional;
    if (setting === 'private-address') return session.before.addresses.private;
    return setting === 'public-address' ? session.before.addresses.public : refuse(2, `unknown setting "${setting}"`);
  },
  'open-port': (call) => changePorts(call, true),
  'close-port': (call) => changePorts(call, false),
  'opened-ports': ({ session, args }) =>
    session.pending.openedPorts.map(({ range, endpoints }) => {
      const shown = endpoints === 'all' ? '*' : endpoints.join(', ');
      return args.options['--endpoints'] === true ? `${formatPortRange(range)} (${shown})` : formatPortRange(range);
    }),
  'state-get': ({ session, args }) => {
    const { charmState } = session.pending;
    const [key = '-'] = args.positional;
    if (key !== '-') return charmState[key] ?? '';
    return Object.keys(charmState).length === 0 ? null : charmState;
  },
  'state-set': async ({ session, args, stdin }) => {
    const changes = {
      ...(option(args, '--file') === '-' ? await stringValues(stdin) : {}),
      ...keyValues(args.positional),
    };
    session.pending = { ...session.pending, charmState: { ...session.pending.charmState, ...changes } };
  },
  'state-delete': ({ session, args }) => {
    const rest = Object.entries(session.pending.charmState).filter(([key]) => key !== args.positional[0]);
    session.pending = { ...session.pending, charmState: Object.fromEntries(rest) };
  },
  'resource-get': ({ session, args }) => {
    const path = session.before.resources[args.positional[0] ?? ''];
    return new PlainText(path ?? refuse(1, 'could not download resource: resource not found'));
  },
  'storage-list': ({ session, args }) =>
    Object.keys(session.before.storage)
      .filter((id) => args.positional[0] === undefined || id.split('/')[0] === args.positional[0])
      .sort(),
  'storage-get': ({ session, args }) => {
    const { event } = session;
    const id =
      option(args, '-s') ?? ('storageId' in event ? event.storageId : refuse(2, 'no storage instance specified'));
    return session.before.storage[id] ?? refuse(2, `invalid value "${id}" for option -s: storage not found`);
  },
  'storage-add': ({ session, args }) => {
    const added = Object.entries(keyValues(args.positional)).map(([name, count]) => {
      if (session.charm.metadata.storage[name] === undefined) refuse(1, `charm storage "${name}" not found`);
      return [name, (session.pending.requestedStorage[name] ?? 0) + Number(count)] as const;
    });
    const requestedStorage = { ...session.pending.requestedStorage, ...Object.fromEntries(added) };
    session.pending = { ...session.pending, requestedStorage };
  },
  'credential-get': () => refuse(1, 'cannot access cloud credentials: permission denied'),
};

/** The tool is gone from that major version of Juju on. */
function refuseFrom(session: HookSession, major: number, tool: string): void {
  if (jujuRelease(session.before.jujuVersion).major >= major) refuse(1, `bad request: unknown command: ${tool}`);
}

function configValues(session: HookSession): Readonly<Record<string, unknown>> {
  const defaults = Object.values(session.charm.config).map((option) => [option.name, option.default] as const);
  return { ...Object.fromEntries(defaults), ...session.before.config };
}

function setStatus({ session, args }: KitCall): void {
  const [status, message = ''] = args.positional;
  const settable: readonly SettableStatus[] = ['maintenance', 'blocked', 'waiting', 'active'];
  const word = settable.find((one) => one === status);
  if (word === undefined) refuse(2, `invalid status "${status}", expected one of [maintenance blocked waiting active]`);
  const application = args.options['--application'] === true;
  if (application && !session.before.leader) refuse(1, 'this unit is not the leader');
  session.immediate = {
    ...session.immediate,
    [application ? 'applicationStatus' : 'status']: { status: word, message },
  };
}

function goalStateJson(state: State): unknown {
  const goal = state.goalState ?? derivedGoalState(state);
  const relations = Object.entries(goal.relations).map(([endpoint, one]) => [
    endpoint,
    { ...one.applications, ...one.units },
  ]);
  return { units: goal.units, relations: Object.fromEntries(relations) as unknown };
}

/** As if all that is planned were there: this unit, its peers, and the other sides of its relations; Juju leaves peer relations out. */
function derivedGoalState(state: State): GoalState {
  const since = '2026-01-02 03:04:05Z';
  const units: Record<string, { status: string; since: string }> = { [state.unit]: { status: 'active', since } };
  const relations: Record<string, { applications: typeof units; units: typeof units }> = {};
  for (const one of state.relations) {
    const members = Object.keys(one.remoteUnits).map((unit) => [unit, { status: 'active', since }] as const);
    if (isPeer(state, one)) {
      Object.assign(units, Object.fromEntries(members));
      continue;
    }
    const goal = (relations[endpointOf(one.id)] ??= { applications: {}, units: {} });
    goal.applications[one.remoteApplication] = { status: 'joined', since };
    Object.assign(goal.units, Object.fromEntries(members));
  }
  return { units, relations };
}

function networkJson(session: HookSession, binding: string): unknown {
  const { metadata } = session.charm;
  if (metadata.endpoints[binding] === undefined && !metadata.extraBindings.includes(binding)) {
    refuse(1, `no network config found for binding "${binding}"`);
  }
  const network = session.before.network[binding] ?? plainNetwork(session.before.addresses.private);
  return {
    'bind-addresses': network.bindAddresses.map((one) => ({
      'mac-address': one.macAddress ?? '',
      'interface-name': one.interfaceName ?? '',
      addresses: one.addresses.map(({ address, cidr, hostname }) => ({
        hostname: hostname ?? '',
        value: address,
        cidr: cidr ?? '',
      })),
    })),
    'egress-subnets': network.egressSubnets,
    'ingress-addresses': network.ingressAddresses,
  };
}

const plainNetwork = (address: string): NetworkInfo => ({
  bindAddresses: [{ interfaceName: 'eth0', macAddress: null, addresses: [{ address, cidr: null, hostname: null }] }],
  ingressAddresses: [address],
  egressSubnets: [`${address}/${address.includes(':') ? 128 : 32}`],
});

function changePorts({ session, args }: KitCall, open: boolean): void {
  const text = (args.positional[0] ?? '').toLowerCase();
  const range = parsePortRange(/^[0-9-]+$/.test(text) ? `${text}/tcp` : text);
  if (range === null) refuse(2, `invalid port range "${text}"`);
  const name = formatPortRange(range);
  const given = option(args, '--endpoints')?.split(',');
  const others = session.pending.openedPorts.filter((one) => formatPortRange(one.range) !== name);
  const before = session.pending.openedPorts.find((one) => formatPortRange(one.range) === name)?.endpoints ?? [];
  const endpoints = endpointsAfter(before, given, open);
  const openedPorts = endpoints.length === 0 ? others : [...others, { range, endpoints }];
  session.pending = { ...session.pending, openedPorts };
}

/** Opening for all swallows what was open for single endpoints; closing for all closes those too. */
function endpointsAfter(
  before: OpenedPort['endpoints'],
  given: readonly string[] | undefined,
  open: boolean,
): OpenedPort['endpoints'] {
  if (given === undefined) return open ? 'all' : [];
  if (before === 'all') return 'all';
  return open ? [...new Set([...before, ...given])].sort() : before.filter((one) => !given.includes(one));
}
