import type { ActionResults } from '@juju/charm-helpers-ts';
import { asideBytes, type AsideData } from '../domain/space';
import { done, failed, type Action } from './action';
import { formatBytes, formatTable, resultKey } from './table';

/** The data that the operator means: those of one generation, or all. */
export const chosenAside = (aside: readonly AsideData[], generation: number | null): readonly AsideData[] =>
  generation === null ? aside : aside.filter((one) => one.generation === generation);

function results(chosen: readonly AsideData[], last: string): ActionResults {
  const table = formatTable<AsideData>(
    [
      ['NAME', ({ name }) => name],
      ['GENERATION', ({ generation }) => (generation === null ? 'unknown' : String(generation))],
      ['SIZE', ({ bytes }) => formatBytes(bytes)],
    ],
    chosen,
  );
  return {
    output: [...(chosen.length === 0 ? [] : table), last].join('\n'),
    count: chosen.length,
    bytes: asideBytes(chosen),
    ...(chosen.length === 0
      ? {}
      : {
          aside: Object.fromEntries(
            chosen.map(({ name, bytes, generation }) => [
              resultKey(name),
              { bytes, generation: generation ?? 'unknown' },
            ]),
          ),
        }),
  };
}

/** `prune-aside`: lists what was moved aside on this unit, and with `confirm` removes it for good: nothing else ever does. */
export const action: Action = async ({ parameters, observe, perform }) => {
  const generation = parameters.integer('generation');
  const { space, unit } = await observe();
  if (!space.aside.known) {
    return failed(
      `The moved-aside data cannot be listed (${space.aside.reason}): look at /var/lib/etcd/aside on ${unit.name}.`,
    );
  }
  const chosen = chosenAside(space.aside.value, generation);
  const size = formatBytes(asideBytes(chosen));
  if (chosen.length === 0) {
    const others = space.aside.value.length;
    const of = generation === null ? '' : ` of generation ${generation}`;
    const rest = others === 0 ? '' : ` (${others} of other generations are)`;
    return done(results([], `nothing${of} is moved aside on ${unit.name}${rest}`));
  }
  if (!parameters.flag('confirm')) {
    return done(
      results(chosen, `nothing was removed; confirm=true removes these from ${unit.name} for good (${size})`),
    );
  }
  await perform({ kind: 'remove-aside', names: chosen.map(({ name }) => name) });
  return done(results(chosen, `removed from ${unit.name} (${size})`));
};
