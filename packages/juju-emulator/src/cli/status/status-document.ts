import type { ApplicationStatus, DetailedStatus, FullStatus, MachineStatus, UnitStatus } from '../../model';
import { storageDocument } from '../storage/storage-document';
import { parseCharmUrl } from './charm-url';
import { naturally } from './natural-order';
import { MapDocument } from '../document';
import type { StatusOptions } from './status-tabular';
import { formatSince, formatTimestamp } from './time';

type Document = Record<string, unknown>;

/** `juju status --format json|yaml`: keys in Juju's order, empty ones left out as Go's omitempty does. */
export function statusDocument(status: FullStatus, options: StatusOptions): Document {
  return {
    model: compact({
      name: status.model.name,
      type: status.model.type,
      controller: options.controller,
      cloud: status.model['cloud-tag'].replace(/^cloud-/, ''),
      region: status.model.region,
      version: status.model.version,
      'model-status': statusInfo(status.model['model-status'], options.utc, false),
    }),
    machines: goMap(status.machines, (machine) => machineDocument(machine, options)),
    applications: goMap(status.applications, (application) => applicationDocument(status, application, options)),
    storage: storageDocument(status),
    controller: { timestamp: formatTimestamp(status['controller-timestamp'], options.utc) },
  };
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function compact(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => !isEmpty(value)));
}

function mapSorted<T>(record: Readonly<Record<string, T>> | null, make: (value: T) => Document): Document {
  return Object.fromEntries(
    Object.entries(record ?? {})
      .sort(([a], [b]) => naturally(a, b))
      .map(([key, value]) => [key, make(value)]),
  );
}

/** A map of Go's: in byte order in json, in natural order in yaml. */
const goMap = <T>(record: Readonly<Record<string, T>> | null, make: (value: T) => Document): MapDocument =>
  new MapDocument(mapSorted(record, make));

function statusInfo(status: DetailedStatus, utc: boolean, withVersion: boolean): Document {
  return compact({
    current: status.status,
    message: status.info,
    since: formatSince(status.since, utc),
    version: withVersion ? status.version : undefined,
  });
}

const baseDocument = (base: { name: string; channel: string }): Document => ({
  name: base.name,
  channel: base.channel.replace(/\/stable$/, ''),
});

/** A machine's status; it alone tells its life. An empty one is `{}` in json and left out of yaml, as Go's omitempty has structs. */
const machineInfo = (
  status: DetailedStatus,
  { utc, json }: StatusOptions,
  withVersion: boolean,
): Document | undefined => {
  if (status.status === '') return json === true ? {} : undefined;
  return { ...statusInfo(status, utc, withVersion), ...compact({ life: status.life }) };
};

function machineDocument(machine: MachineStatus, options: StatusOptions): Document {
  return compact({
    'juju-status': machineInfo(machine['agent-status'], options, true),
    hostname: machine.hostname,
    'dns-name': machine['dns-name'],
    'ip-addresses': machine['ip-addresses'],
    'instance-id': machine['instance-id'],
    'machine-status': machineInfo(machine['instance-status'], options, false),
    'modification-status': machineInfo(machine['modification-status'], options, false),
    base: baseDocument(machine.base),
    'network-interfaces': machine['network-interfaces'] ?? undefined,
    constraints: machine.constraints,
    hardware: machine.hardware,
  });
}

function applicationDocument(status: FullStatus, application: ApplicationStatus, options: StatusOptions): Document {
  const charm = parseCharmUrl(application.charm);
  const units = mapSorted(application.units, (unit) => unitDocument(unit, options));
  const subordinateTo = application['subordinate-to'] ?? [];
  return {
    ...compact({
      charm: charm.origin === 'charmhub' ? charm.name : application.charm,
      base: baseDocument(application.base),
      'charm-origin': charm.origin,
      'charm-name': charm.name,
    }),
    'charm-rev': application['charm-rev'] ?? charm.revision ?? 0,
    ...compact({ 'charm-channel': application['charm-channel'], 'charm-version': application['charm-version'] }),
    exposed: application.exposed,
    ...compact({
      life: application.life,
      'application-status': statusInfo(application.status, options.utc, false),
      relations: relationsDocument(status, application),
      'subordinate-to': subordinateTo,
      units: Object.keys(units).length === 0 ? undefined : new MapDocument(units),
      version: application['workload-version'],
      'endpoint-bindings': application['endpoint-bindings'],
    }),
  };
}

/** By endpoint: who is related, over which interface. The interface and scope come from the relations of the answer. */
function relationsDocument(status: FullStatus, application: ApplicationStatus): Document | undefined {
  const name = Object.entries(status.applications).find(([, each]) => each === application)?.[0];
  const entries = Object.entries(application.relations).sort(([a], [b]) => naturally(a, b));
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([endpoint, related]) => [
      endpoint,
      related.map((other) => {
        const relation = (status.relations ?? []).find(
          (each) =>
            each.endpoints.some((side) => side.application === name && side.name === endpoint) &&
            each.endpoints.some((side) => side.application === other),
        );
        return {
          'related-application': other,
          interface: relation?.interface ?? '',
          scope: relation?.scope ?? 'global',
        };
      }),
    ]),
  );
}

function unitDocument(unit: UnitStatus, options: StatusOptions): Document {
  const subordinates = mapSorted(unit.subordinates, (each) => unitDocument(each, options));
  return compact({
    'workload-status': statusInfo(unit['workload-status'], options.utc, false),
    'juju-status': statusInfo(unit['agent-status'], options.utc, true),
    leader: unit.leader === true ? true : undefined,
    machine: unit.machine,
    'open-ports': unit['opened-ports'],
    'public-address': unit['public-address'],
    subordinates: Object.keys(subordinates).length === 0 ? undefined : subordinates,
  });
}
