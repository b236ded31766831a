import { Struct } from '../format/go-value';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import type { GoalStateStatus } from './uniter-api';

/** `2026-01-02 03:04:05Z`; never set is the Unix epoch. */
function formatSince(since: string | null): string {
  return new Date(since ?? 0)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

function describe(statuses: Readonly<Record<string, GoalStateStatus>>): Record<string, Struct> {
  return Object.fromEntries(
    Object.entries(statuses).map(([name, { status, since }]) => [
      name,
      new Struct([
        ['status', status],
        ['since', formatSince(since)],
      ]),
    ]),
  );
}

export const goalState: Tool = {
  name: 'goal-state',
  purpose: "Print the status of the charm's peers and related units.",
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context, ['yaml', 'json']);
    return {
      options: output.options,
      init: checkEmpty,
      run: async (io) => {
        const state = await context.api.goalState();
        const relations = Object.entries(state.relations).map(([endpoint, statuses]) => [endpoint, describe(statuses)]);
        const fields = [
          ['units', describe(state.units)],
          ['relations', Object.fromEntries(relations) as Record<string, Record<string, Struct>>],
        ] as const;
        return output.write(io, new Struct(fields));
      },
    };
  },
};
