import type { RecordedCommand, RecordedHook, Stage } from './recording';

/** What befell a unit's machine, in the place of a verb. */
export const machineDown = '(machine down)';
export const machineUp = '(machine up)';

type Settings = Readonly<Record<string, unknown>>;

/**
 * Commands that a recording shows by their effect alone: settings that units saw and no command had given, actions that no
 * command had begun, relations that no command had made, machines that went down and came
 * back. Each is given when its stage began, else just before the hook that shows it.
 */
export function impliedCommands(commands: readonly RecordedCommand[], stages: readonly Stage[]): RecordedCommand[] {
  const isCaused = (stage: Stage): boolean => commands.some(({ time }) => Math.abs(time - stage.began) < 1);
  const implied: { readonly time: number; readonly argv: readonly string[] }[] = [];
  const add = (time: number, argv: readonly string[]): void => void implied.push({ time, argv });

  const begins = new Map<RecordedHook, number>();
  for (const stage of stages.filter((each) => !isCaused(each))) {
    const [first] = stage.hooks;
    if (first === undefined) continue;
    begins.set(first, stage.began);
    for (const sides of integrated(stage)) add(stage.began, ['integrate', ...sides]);
    for (const event of machineEvents(stage, stages)) add(stage.began, event);
    for (const hook of stage.hooks)
      if (hook.dispatch.startsWith('actions/'))
        add(begins.get(hook) ?? hook.t0 - 0.001, [
          'run',
          hook.unit,
          hook.dispatch.slice('actions/'.length),
          ...parameters(hook),
        ]);
  }
  const hooks = stages.flatMap((stage) => stage.hooks).sort((a, b) => a.t0 - b.t0);
  for (const application of new Set(hooks.map(applicationOf))) {
    const own = hooks.filter((hook) => applicationOf(hook) === application);
    for (const { hook, values } of unexplained(application, own, commands))
      add(begins.get(hook) ?? hook.t0 - 0.001, ['config', application, ...values]);
  }
  const counted = new Map<string, number>();
  return implied
    .sort((a, b) => a.time - b.time)
    .map(({ time, argv }) => {
      const last = before(commands, time)?.id ?? '000';
      const number = (counted.get(last) ?? 0) + 1;
      counted.set(last, number);
      return { id: `${last}+${String(number)}`, time, argv, stdout: '', stderr: '' };
    });
}

/** The two sides, `app:endpoint`, of each relation that began in a stage. */
function integrated({ hooks }: Stage): string[][] {
  const relations = new Map<string, Set<string>>();
  for (const hook of hooks) {
    const endpoint = /^hooks\/(.+)-relation-created$/.exec(hook.dispatch)?.[1];
    const id = hook.env['JUJU_RELATION_ID']?.split(':').at(-1);
    if (endpoint === undefined || id === undefined) continue;
    relations.set(id, (relations.get(id) ?? new Set()).add(`${applicationOf(hook)}:${endpoint}`));
  }
  return [...relations.values()].filter(({ size }) => size === 2).map((sides) => [...sides]);
}

const applicationOf = ({ unit }: RecordedHook): string => unit.split('/')[0] ?? '';

const before = (commands: readonly RecordedCommand[], at: number): RecordedCommand | undefined =>
  commands
    .filter(({ time }) => time <= at)
    .sort((a, b) => a.time - b.time)
    .at(-1);

/**
 * A leader is elected while nothing has happened to the last one: its machine went down. A unit starts that had started before: its
 * machine is up again. The words are not Juju's: nobody gave a command.
 */
function machineEvents(stage: Stage, stages: readonly Stage[]): string[][] {
  const earlier = stages
    .flatMap(({ hooks }) => hooks)
    .filter(({ t0 }) => t0 < stage.began)
    .sort((a, b) => a.t0 - b.t0);
  const did = (unit: string, ...dispatches: string[]): boolean =>
    earlier.some((hook) => hook.unit === unit && dispatches.includes(hook.dispatch));
  return stage.hooks.flatMap((hook): string[][] => {
    if (hook.dispatch === 'hooks/start' && did(hook.unit, 'hooks/start')) return [[machineUp, hook.unit]];
    if (hook.dispatch !== 'hooks/leader-elected') return [];
    const last = earlier.filter(
      ({ unit, dispatch }) => dispatch === hook.dispatch && unit.split('/')[0] === applicationOf(hook),
    );
    const leader = last.at(-1)?.unit;
    return leader === undefined || did(leader, 'hooks/stop', 'hooks/remove') ? [] : [[machineDown, leader]];
  });
}

/** Of an action, as `juju run` is given them. */
function parameters({ tools }: RecordedHook): string[] {
  const told = tools.find(({ cmd }) => cmd.join(' ') === 'action-get --format=json')?.out ?? '{}';
  return Object.entries(JSON.parse(told) as Settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/** Hooks that saw settings which no command explains, with the words of the command that would. */
function unexplained(
  application: string,
  hooks: readonly RecordedHook[],
  commands: readonly RecordedCommand[],
): { readonly hook: RecordedHook; readonly values: string[] }[] {
  const given = commands.filter(({ argv, rc }) => argv[0] === 'config' && argv[1] === application && (rc ?? 0) === 0);
  const known = new Map<string, { value: string | undefined; since: number }>();
  /** What each unit was told last: until it hears of a change it is told the same. */
  const told = new Map<string, string | undefined>();
  const found: { hook: RecordedHook; values: string[] }[] = [];
  for (const hook of hooks) {
    const call = hook.tools.find(({ cmd }) => cmd.join(' ') === 'config-get --format=json');
    if (call === undefined || call.rc !== 0) continue;
    const seen = JSON.parse(call.out) as Settings;
    const values: string[] = [];
    for (const key of new Set([...Object.keys(seen), ...known.keys()])) {
      const value = text(seen[key]);
      const was = known.get(key);
      const since = given.filter((each) => each.time <= hook.t0 && names(each, key)).at(-1)?.time ?? -Infinity;
      const own = `${hook.unit} ${key}`;
      const isStale = told.has(own) && told.get(own) === value;
      told.set(own, value);
      if (was !== undefined && (value === was.value || isStale)) continue;
      // The first time a setting is seen, and after a command that names it, it is explained.
      if (was !== undefined && since <= was.since)
        values.push(value === undefined ? `--reset=${key}` : `${key}=${value}`);
      known.set(key, { value, since: hook.t0 });
    }
    if (values.length > 0) found.push({ hook, values });
  }
  return found;
}

const text = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value);

/** Whether a `config` command sets or resets an option. */
const names = ({ argv }: RecordedCommand, key: string): boolean =>
  argv.some(
    (word, index) => word.startsWith(`${key}=`) || (argv[index - 1] === '--reset' && word.split(',').includes(key)),
  );
