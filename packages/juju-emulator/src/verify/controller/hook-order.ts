import type { RecordedHook } from './recording';

/** One hook as the uniter orders it: what it is, and of which relation and remote unit. */
interface Step {
  readonly name: string;
  readonly relation: string;
  readonly remote: string;
}

/** What a timer or an operator started: it comes between other hooks, and says nothing of their order. */
const timed = /^hooks\/update-status$|^actions\//;

const relationHook = /^hooks\/(.+)-relation-(created|joined|changed|departed|broken)$/;

const stepOf = (hook: RecordedHook): Step => {
  const match = relationHook.exec(hook.dispatch);
  return {
    name: match?.[2] ?? hook.dispatch,
    relation: match === null ? '' : (hook.env['JUJU_RELATION_ID'] ?? match[1] ?? ''),
    remote: hook.env['JUJU_REMOTE_UNIT'] ?? '',
  };
};

/**
 * The order of one unit's hooks without what Juju leaves open: how often a change was noticed, when a timer fired, which of
 * several relations, remote units or storages came first, and whether a failed hook was tried once or often.
 */
export function orderOf(hooks: readonly RecordedHook[]): string[] {
  const steps = hooks.filter(({ dispatch }) => !timed.test(dispatch)).map(stepOf);
  const result: string[] = [];
  for (let index = 0; index < steps.length;) {
    const kind = freedom(steps[index]);
    let end = index;
    while (end < steps.length && kind !== '' && freedom(steps[end]) === kind) end += 1;
    if (end === index) end += 1;
    result.push(...new Set(words(steps.slice(index, end), kind)));
    index = end;
  }
  return result.filter((word, index) => word !== result[index - 1]);
}

/** Neighbouring hooks of one freedom may come in any order; '' = the order says something. */
function freedom(step: Step | undefined): string {
  if (step === undefined) return '';
  if (step.name.includes('-storage-')) return step.name.replace(/^hooks\/.*-storage-/, 'storage-');
  if (step.name === 'joined' || step.name === 'changed') return 'members';
  if (step.name === 'departed' || step.name === 'broken') return 'leaving';
  return step.name === 'created' ? 'created' : '';
}

function words(steps: readonly Step[], kind: string): string[] {
  if (kind === '') return steps.map(({ name }) => name);
  const said = (step: Step): string => [step.name, step.relation, step.remote].filter((word) => word !== '').join(' ');
  // A leaving relation is broken after its last unit departed; which relation goes first is open.
  if (kind === 'leaving')
    return [...new Set(steps.map(({ relation }) => relation))].sort().flatMap((relation) => {
      const own = steps.filter((step) => step.relation === relation);
      const broken = own.findIndex(({ name }) => name === 'broken');
      const inOrder = broken < 0 || broken === own.length - 1;
      const departed = [...new Set(own.filter(({ name }) => name === 'departed').map(said))].sort();
      return inOrder ? [...departed, ...own.filter(({ name }) => name === 'broken').map(said)] : own.map(said);
    });
  // Whether a change is noticed by itself or together with another one is timing; that each joined comes first is not.
  if (kind === 'members') {
    const joined = steps.filter(({ name }) => name === 'joined').map(said);
    const early = steps.filter(
      (step, index) =>
        step.name === 'changed' &&
        step.remote !== '' &&
        steps
          .slice(index)
          .some((later) => later.name === 'joined' && later.relation === step.relation && later.remote === step.remote),
    );
    return [...joined.sort(), ...early.map((step) => `${said(step)} before joined`)];
  }
  return steps.map(said).sort();
}

/** Relations and remote units whose change a unit was told of, without how often. */
export const changesOf = (hooks: readonly RecordedHook[]): string[] =>
  [
    ...new Set(
      hooks
        .map(stepOf)
        .filter(({ name }) => name === 'changed')
        .map(({ relation, remote }) => `${relation} ${remote}`),
    ),
  ].sort();
