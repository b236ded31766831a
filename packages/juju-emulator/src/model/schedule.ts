import { resolveUnit } from './actions';
import type { EnqueueAnswer } from './answers';
import { ModelError } from './model-error';
import type { Operation } from './task';
import type { World } from './world';
import { charmOf, unitsOf } from './world';

/** What `juju run` and `juju exec` ask for. */
export interface ScheduleRequest {
  readonly name: string;
  readonly units: readonly string[];
  /** `juju exec` only: every unit of these. */
  readonly applications?: readonly string[];
  /** `juju exec` only: machines themselves; their tasks have the machine's id as unit. */
  readonly machines?: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** True for the id of a machine where a unit's name could stand. */
export const isMachine = (target: string): boolean => /^\d+$/.test(target);

const refused = (message: string): ModelError => new ModelError('not-valid', 'run action', message);

function requireAction(world: World, unit: string, name: string): void {
  const application = unit.split('/')[0] ?? '';
  const wrap = 'adding action operation: adding action operation:';
  if (world.applications[application] === undefined)
    throw refused(
      `${wrap} getting charm UUID for application "${application}": application "${application}" not found`,
    );
  const { url, spec } = charmOf(world, application);
  if (spec.actions[name] === undefined)
    throw refused(
      `${wrap} inserting operation action: inserting action "${name}" for charm "${url}" and operation "${world.nextTask}"`,
    );
}

/** The units meant, and for those that cannot be found what Juju says. */
function targets(world: World, request: ScheduleRequest): { unit?: string; error?: string }[] {
  const named = request.units.map((text) => {
    if (!text.endsWith('/leader')) return { unit: text };
    try {
      return { unit: resolveUnit(world, text) };
    } catch (error) {
      return { error: `getting leader unit for ${text.split('/')[0] ?? ''}: ${(error as Error).message}` };
    }
  });
  const all = (request.applications ?? []).flatMap((application) => {
    const units = unitsOf(world, application);
    if (units.length === 0)
      throw refused(
        `starting exec operation: adding exec operation: getting units for applications [${(request.applications ?? []).join(' ')}]: no application found`,
      );
    return units.map(({ name }) => ({ unit: name }));
  });
  return [...(request.machines ?? []).map((unit) => ({ unit })), ...named, ...all];
}

function missingTarget(world: World, target: string): string | undefined {
  if (isMachine(target))
    return world.machines[target] === undefined
      ? `getting machine UUID for "${target}": machine "${target}" not found`
      : undefined;
  return world.units[target] === undefined
    ? `linking task to unit: getting unit UUID for "${target}": unit "${target}" not found`
    : undefined;
}

/**
 * Enqueues an operation with one task a target. A unit that does not exist gets no task, though it uses up an id, and is told in the
 * answer; an action that the charm does not have leaves nothing. Ids are drawn from the shared counter: operation first. Texts: Juju
 * 4.1's domain/operation.
 */
export function scheduleTasks(world: World, request: ScheduleRequest, now: string): EnqueueAnswer {
  const wanted = targets(world, request);
  const isExec = request.name === 'juju-exec';
  const first = wanted.find(({ unit }) => unit !== undefined)?.unit;
  const unresolved = wanted.flatMap(({ error }) => error ?? []);
  if (first === undefined) return { operation: '', tasks: [], errors: unresolved };
  if (!isExec) requireAction(world, first, request.name);
  const nextId = (): string => String(world.nextTask++);
  const operation = nextId();
  const tasks: { id: string; unit: string }[] = [];
  const errors = [...unresolved];
  for (const { unit } of wanted) {
    if (unit === undefined) continue;
    const id = nextId();
    const missing = missingTarget(world, unit);
    if (missing !== undefined) {
      errors.push(missing);
      continue;
    }
    tasks.push({ id, unit });
    world.tasks[id] = {
      id,
      operation,
      unit,
      name: request.name,
      parameters: request.parameters,
      status: 'pending',
      message: '',
      enqueued: now,
      started: null,
      completed: null,
      log: [],
      results: {},
    };
  }
  const made: Operation = {
    id: operation,
    summary: isExec ? `exec "${String(request.parameters['command'])}"` : `action "${request.name}"`,
    enqueued: now,
    tasks: tasks.map(({ id }) => id),
  };
  world.operations[operation] = made;
  return { operation, tasks, errors };
}

/** One action on units that are there; for those who drive a model as a library. */
export function enqueueAction(
  world: World,
  request: {
    readonly name: string;
    readonly units: readonly string[];
    readonly parameters: Readonly<Record<string, unknown>>;
  },
  now: string,
): Operation {
  for (const unit of request.units) resolveUnit(world, unit);
  const { operation } = scheduleTasks(world, request, now);
  return world.operations[operation] as Operation;
}
