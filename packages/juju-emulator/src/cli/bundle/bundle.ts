import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CliError } from '../cli-error';

/** A setting's value as YAML has it. */
export type Setting = string | number | boolean;

/** One application of a bundle (Juju's charm.ApplicationSpec, what of it is of use here). */
export interface BundleApplication {
  readonly charm: string;
  readonly units: number;
  readonly to: readonly string[];
  readonly options: Readonly<Record<string, Setting>>;
  readonly resources: Readonly<Record<string, string>>;
  readonly storage: Readonly<Record<string, string>>;
  readonly constraints: string;
  readonly base: string | undefined;
  readonly channel: string | undefined;
  readonly trust: boolean;
  readonly expose: boolean;
}

/** A bundle: applications, machines to put them on, and relations as pairs of endpoints. */
export interface Bundle {
  readonly applications: ReadonlyMap<string, BundleApplication>;
  /** Ids that the bundle gives its machines, each with its base. */
  readonly machines: ReadonlyMap<string, string | undefined>;
  readonly relations: readonly (readonly [string, string])[];
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The file of a bundle that an operator named; undefined if it names something else. */
export function bundleFile(named: string): string | undefined {
  const info = statSync(named, { throwIfNoEntry: false });
  if (info === undefined) return undefined;
  const file = info.isDirectory() ? join(named, 'bundle.yaml') : named;
  return /\.ya?ml$/.test(file) && statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}

/**
 * Reads a bundle and checks that it is whole.
 * @throws CliError with all that is wrong, in Juju's words where those are known
 */
export function readBundle(file: string): Bundle {
  const refuse = (why: string): never => {
    throw new CliError(`cannot deploy bundle: ${why}`);
  };
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    refuse(`cannot read bundle contents: ${(error as Error).message}`);
  }
  if (!isFields(document)) return refuse(`cannot read bundle contents: ${file} is no YAML map`);
  const listed = document['applications'] ?? document['services'];
  const wrong: string[] = [];
  if (!isFields(listed) || Object.keys(listed).length === 0) wrong.push('at least one application must be specified');
  if (document['saas'] !== undefined) wrong.push('the emulator has no offers: leave out "saas"');
  const machines = new Map(
    Object.entries(isFields(document['machines']) ? document['machines'] : {}).map(([id, machine]) => [
      id,
      isFields(machine) ? text(machine['base']) : undefined,
    ]),
  );
  const applications = new Map(
    Object.entries(isFields(listed) ? listed : {}).map(([name, fields]) => [
      name,
      applicationOf(name, isFields(fields) ? fields : {}, text(document['default-base']), wrong),
    ]),
  );
  for (const { to } of applications.values())
    for (const placement of to) checkPlacement(placement, applications, machines, wrong);
  const relations = relationsOf(document['relations'], applications, wrong);
  if (wrong.length > 0) refuse(`the provided bundle has the following errors:\n${wrong.join('\n')}`);
  return { applications, machines, relations };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(isFields(value) ? value : {}).map(([key, item]) => [key, String(item)]));

function applicationOf(name: string, fields: Fields, base: string | undefined, wrong: string[]): BundleApplication {
  const charm = text(fields['charm']) ?? '';
  if (charm === '') wrong.push(`empty charm path in application "${name}"`);
  const units = fields['num_units'] ?? fields['scale'];
  const count = typeof units === 'number' ? units : 0;
  if (count < 0) wrong.push(`negative number of units specified on application "${name}"`);
  const placed = fields['to'];
  const to = (Array.isArray(placed) ? placed : placed === undefined || placed === null ? [] : [placed]).map(String);
  if (to.length > count && count > 0)
    wrong.push(`too many units specified in unit placement for application "${name}"`);
  const options = isFields(fields['options']) ? fields['options'] : {};
  return {
    charm,
    units: count,
    to,
    options: options as Record<string, Setting>,
    resources: strings(fields['resources']),
    storage: strings(fields['storage']),
    constraints: text(fields['constraints']) ?? '',
    base: text(fields['base']) ?? base,
    channel: text(fields['channel']),
    trust: fields['trust'] === true,
    expose: fields['expose'] === true || isFields(fields['exposed-endpoints']),
  };
}

/** `0`, `new`, `app`, `app/0`. */
function checkPlacement(
  placement: string,
  applications: ReadonlyMap<string, unknown>,
  machines: ReadonlyMap<string, unknown>,
  wrong: string[],
): void {
  if (placement === 'new') return;
  if (placement.includes(':'))
    wrong.push(`the emulator has no containers on machines: leave out placement "${placement}"`);
  else if (/^\d+$/.test(placement)) {
    if (!machines.has(placement)) wrong.push(`placement "${placement}" refers to a machine not defined in this bundle`);
  } else if (!applications.has(placement.split('/')[0] ?? ''))
    wrong.push(`placement "${placement}" refers to an application not defined in this bundle`);
}

/** `[a, b]`, and `[a, [b, c]]` for several at once. */
function relationsOf(value: unknown, applications: ReadonlyMap<string, unknown>, wrong: string[]): [string, string][] {
  const found: [string, string][] = [];
  for (const each of Array.isArray(value) ? (value as unknown[]) : []) {
    const sides = (Array.isArray(each) ? (each as unknown[]) : []).map((side) =>
      (Array.isArray(side) ? (side as unknown[]) : [side]).map(String),
    );
    const [left = [], right = []] = sides;
    if (sides.length !== 2) wrong.push(`relation ${JSON.stringify(each)} has ${sides.length} endpoint(s), not 2`);
    else for (const one of left) for (const other of right) found.push([one, other]);
  }
  for (const pair of found)
    for (const side of pair) {
      const name = side.split(':')[0] ?? '';
      if (!applications.has(name))
        wrong.push(`relation ["${pair[0]}" "${pair[1]}"] refers to application "${name}" not defined in this bundle`);
    }
  return found;
}
