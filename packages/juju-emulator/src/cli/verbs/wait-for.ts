import type { FullStatus } from '../../model';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';
import { duration } from '../tasks/follow';

type Facts = Readonly<Record<string, string | number | boolean>>;

/** What a query can ask about an entity. Undefined while there is none. */
export function factsOf(status: FullStatus, kind: string, name: string): Facts | undefined {
  const application = status.applications[kind === 'unit' ? (name.split('/')[0] ?? '') : name];
  switch (kind) {
    case 'application':
      return application === undefined
        ? undefined
        : {
            name,
            life: application.life === '' ? 'alive' : application.life,
            status: application.status.status,
            exposed: application.exposed,
            scale: Object.keys(application.units ?? {}).length,
          };
    case 'unit': {
      const unit = application?.units?.[name];
      return unit === undefined
        ? undefined
        : {
            name,
            life:
              unit['agent-status'].life === undefined || unit['agent-status'].life === ''
                ? 'alive'
                : unit['agent-status'].life,
            'workload-status': unit['workload-status'].status,
            'workload-message': unit['workload-status'].info,
            'agent-status': unit['agent-status'].status,
            leader: unit.leader === true,
            machine: unit.machine,
          };
    }
    case 'machine': {
      const machine = status.machines[name];
      return machine === undefined
        ? undefined
        : {
            id: name,
            life: 'alive',
            status: machine['agent-status'].status,
            'instance-status': machine['instance-status'].status,
          };
    }
    default:
      return name === status.model.name
        ? { name, life: 'alive', status: status.model['model-status'].status }
        : undefined;
  }
}

/** `life=="alive" && status!="error" || scale>=3` on facts; && binds more than ||. */
export function queryHolds(query: string, facts: Facts): boolean {
  const term = (text: string): boolean => {
    const match = /^\s*([a-z-]+)\s*(==|!=|>=|<=|>|<)\s*(?:"([^"]*)"|'([^']*)'|(\S+))\s*$/.exec(text);
    if (match === null)
      throw new CliError(`cannot read query "${text.trim()}": give name=="value", joined by && and ||`, 2);
    const [, key = '', operator, double, single, bare] = match;
    const fact = facts[key];
    if (fact === undefined)
      throw new CliError(`query: there is no "${key}": ${Object.keys(facts).sort().join(', ')}`, 2);
    const wanted = double ?? single ?? bare ?? '';
    if (operator === '==' || operator === '!=') return (String(fact) === wanted) === (operator === '==');
    const [a, b] = [Number(fact), Number(wanted)];
    return operator === '>' ? a > b : operator === '<' ? a < b : operator === '>=' ? a >= b : a <= b;
  };
  return query.split('||').some((part) => part.split('&&').every(term));
}

const defaultQueries: Readonly<Record<string, string>> = {
  application: 'life=="alive" && status=="active"',
  unit: 'life=="alive" && workload-status=="active"',
  machine: 'life=="alive" && status=="started"',
  model: 'life=="alive" && status=="available"',
};

/** Between two looks at the model, milliseconds. */
const pause = 200;

export function registerWaitFor(registry: Registry): void {
  verb(registry, 'wait-for <kind> <name>', 'Wait for an entity to reach a specified state.')
    .option('--query <query>', 'Query the goal state')
    .option('--timeout <duration>', 'How long to wait, before timing out', '10m')
    .option('--summary', 'Accepted')
    .missing('missing entity: application, unit, machine or model')
    .details(
      'Kinds: application, unit, machine, model. Each has a default query; the emulator has `wait` for a whole model.',
    )
    .examples('juju wait-for application mysql', `juju wait-for unit mysql/0 --query='workload-status=="blocked"'`)
    .action(async (kind: string, name: string, flags: { model?: string; query?: string; timeout: string }) => {
      const query = flags.query ?? defaultQueries[kind];
      if (defaultQueries[kind] === undefined || query === undefined)
        throw new CliError(`unrecognized command: juju wait-for ${kind}`, 2);
      const session = sessionOf(flags);
      const deadline = performance.now() + (duration(flags.timeout, 'timeout') ?? 0);
      for (;;) {
        const facts = factsOf((await session.status()).status, kind, name);
        if (facts !== undefined && queryHolds(query, facts)) return;
        if (performance.now() > deadline)
          throw new CliError(`timed out waiting for ${kind} "${name}" to reach goal state`);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
}
