import type { ApplicationStatus, FullStatus, RelationStatus, UnitStatus } from '../../model';
import { storageDocument } from '../storage/storage-document';
import { statusStorageTable } from '../storage/storage-table';
import { parseCharmUrl } from './charm-url';
import { naturally } from './natural-order';
import { formatPorts } from './ports';
import { layoutTable } from './table';
import { formatTimestamp } from './time';

export interface StatusOptions {
  readonly controller: string;
  readonly utc: boolean;
  readonly relations: boolean;
  /** The document is for json, which shows what yaml leaves out. */
  readonly json?: boolean;
  /** Show storage, in the table; documents always have it. */
  readonly storage?: boolean;
}

const cloudRegion = (status: FullStatus): string => {
  const cloud = status.model['cloud-tag'].replace(/^cloud-/, '');
  return status.model.region === '' ? cloud : `${cloud}/${status.model.region}`;
};

/** `juju status`: sections parted by an empty line. Format: Juju's output_tabular. */
export function formatStatusTabular(status: FullStatus, options: StatusOptions): string {
  const sections = [
    layoutTable([
      ['Model', 'Controller', 'Cloud/Region', 'Version', 'Timestamp'],
      [
        status.model.name,
        options.controller,
        cloudRegion(status),
        status.model.version,
        formatTimestamp(status['controller-timestamp'], options.utc),
      ],
    ]),
    applications(status),
    units(status),
    machinesTable(status),
    options.relations ? relations(status) : '',
    options.storage === true ? statusStorageTable(storageDocument(status)) : '',
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function applications(status: FullStatus): string {
  const names = Object.keys(status.applications).sort(naturally);
  if (names.length === 0) return '';
  const rows = names.map((name) => {
    const application = status.applications[name] as ApplicationStatus;
    const { name: charm, revision } = parseCharmUrl(application.charm);
    return [
      name,
      application['workload-version'],
      application.status.status,
      scale(status, name, application),
      charm,
      application['charm-channel'] ?? '',
      String(application['charm-rev'] ?? revision ?? ''),
      application.exposed ? 'yes' : 'no',
      firstLine(application.status.info),
    ];
  });
  return layoutTable(
    [['App', 'Version', 'Status', 'Scale', 'Charm', 'Channel', 'Rev', 'Exposed', 'Message'], ...rows],
    [3, 6],
  );
}

function subordinateUnits(status: FullStatus, name: string): UnitStatus[] {
  const found: UnitStatus[] = [];
  for (const application of Object.values(status.applications))
    for (const unit of Object.values(application.units ?? {}))
      for (const [subordinate, each] of Object.entries(unit.subordinates ?? {}))
        if (subordinate.startsWith(`${name}/`)) found.push(each);
  return found;
}

/** `have/want` where units that are allocating or lost do not count, else the number. */
function scale(status: FullStatus, name: string, application: ApplicationStatus): string {
  const all =
    (application['subordinate-to'] ?? []).length > 0
      ? subordinateUnits(status, name)
      : Object.values(application.units ?? {});
  const want = all.length;
  const have = all.filter((unit) => !['allocating', 'lost'].includes(unit['agent-status'].status)).length;
  return have === want ? String(want) : `${have}/${want}`;
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

function units(status: FullStatus): string {
  const rows: string[][] = [];
  const add = (name: string, unit: UnitStatus, indent: string): void => {
    const agent = unit['agent-status'];
    const doing =
      agent.status === 'executing' ? /^running (?:action )?(\S+)(?: hook)?/.exec(agent.info)?.[1] : undefined;
    const message = firstLine(unit['workload-status'].info);
    rows.push([
      `${indent}${name}${unit.leader === true ? '*' : ''}`,
      unit['workload-status'].status,
      agent.status,
      unit.machine,
      unit['public-address'],
      formatPorts(unit['opened-ports'] ?? []),
      doing === undefined ? message : `(${doing}) ${message}`,
    ]);
    for (const [subordinate, each] of sorted(unit.subordinates)) add(subordinate, each, `${indent}  `);
  };
  for (const [, application] of sorted(status.applications))
    for (const [name, unit] of sorted(application.units)) add(name, unit, '');
  if (rows.length === 0) return '';
  return layoutTable([['Unit', 'Workload', 'Agent', 'Machine', 'Public address', 'Ports', 'Message'], ...rows]);
}

const sorted = <T>(record: Readonly<Record<string, T>> | null): [string, T][] =>
  Object.entries(record ?? {}).sort(([a], [b]) => naturally(a, b));

/** The machines' part of the status: what `juju machines` shows. */
export function machinesTable(status: FullStatus): string {
  const rows = sorted(status.machines).map(([id, machine]) => [
    id,
    machine['agent-status'].status,
    machine['dns-name'],
    machine['instance-id'],
    machine.base.name === '' ? '' : `${machine.base.name}@${machine.base.channel.replace(/\/stable$/, '')}`,
    '',
    firstLine(machine['instance-status'].info),
  ]);
  if (rows.length === 0) return '';
  return layoutTable([['Machine', 'State', 'Address', 'Inst id', 'Base', 'AZ', 'Message'], ...rows]);
}

function relations(status: FullStatus): string {
  const rows = (status.relations ?? [])
    .map(relationRow)
    .sort((a, b) => naturally(a[0] ?? '', b[0] ?? '') || naturally(a[1] ?? '', b[1] ?? ''));
  if (rows.length === 0) return '';
  // A message has two columns: the relation's status (when it is not joined) and its text.
  return layoutTable([['Relation provider', 'Requirer', 'Interface', 'Type', 'Message'], ...rows]);
}

function relationRow(relation: RelationStatus): string[] {
  const provider = relation.endpoints.find((side) => side.role !== 'requirer') ?? relation.endpoints[0];
  const requirer = relation.endpoints.find((side) => side.role === 'requirer') ?? provider;
  const type =
    relation.endpoints.length === 1
      ? 'peer'
      : relation.endpoints.some((side) => side.subordinate)
        ? 'subordinate'
        : 'regular';
  const name = (side: { application: string; name: string } | undefined): string =>
    side === undefined ? '' : `${side.application}:${side.name}`;
  const message =
    relation.status.status === 'joined'
      ? ['']
      : [relation.status.status, relation.status.info].filter((part) => part !== '');
  return [name(provider), name(requirer), relation.interface, type, message.join('  ')];
}
