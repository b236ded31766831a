import { readCharm } from '../agent/charm-archive';
import {
  type ApplicationConfigAnswer,
  type ApplicationInfoAnswer,
  type ModelConfigAnswer,
  type ModelInfoAnswer,
  type ActionSpecAnswer,
  type OperationAnswer,
  type Task,
  type UnitInfoAnswer,
  type World,
  ModelError,
  actionSpecsAnswer,
  applicationConfigAnswer,
  applicationInfoAnswer,
  modelConfigAnswer,
  modelInfoAnswer,
  operationAnswer,
  taskAnswer,
  taskOf,
  unitInfoAnswer,
} from '../model';
import { StatusHistory, type StatusRecord } from '../store/status-history';
import type { WorldStore } from '../store/world-store';

/** Questions that the command line asks about a model, each with its parameters and its answer. */
export interface Answers {
  readonly applicationConfig: { params: { readonly application: string }; answer: ApplicationConfigAnswer };
  readonly applicationInfo: { params: { readonly application: string }; answer: ApplicationInfoAnswer };
  readonly unitInfo: { params: { readonly unit: string }; answer: UnitInfoAnswer };
  readonly actionSpecs: {
    params: { readonly application: string };
    answer: Readonly<Record<string, ActionSpecAnswer>>;
  };
  readonly task: { params: { readonly id: string }; answer: Task };
  readonly operation: { params: { readonly id: string }; answer: OperationAnswer };
  /** A charm on this machine, before it is uploaded: the revision that it would get. */
  readonly charmInfo: { params: { readonly path: string }; answer: CharmInfoAnswer };
  readonly modelInfo: { params: Record<string, never>; answer: ModelInfoAnswer };
  readonly modelConfigValues: { params: Record<string, never>; answer: Readonly<Record<string, ModelConfigAnswer>> };
  readonly statusHistory: { params: { readonly entity: string }; answer: readonly StatusRecord[] };
  readonly operations: { params: Record<string, never>; answer: readonly OperationAnswer[] };
}

export interface CharmInfoAnswer {
  readonly name: string;
  readonly revision: number;
  readonly base: string;
  readonly subordinate: boolean;
  readonly endpoints: readonly string[];
}

export type AnswerParams = { readonly [K in keyof Answers]: Answers[K]['params'] };

/** The methods that only look. Their history begins with the call. */
export function answerMethods(store: WorldStore): {
  [K in keyof Answers]: (params: Answers[K]['params']) => Answers[K]['answer'] | Promise<Answers[K]['answer']>;
} {
  const world = (): World => store.world;
  const history = new StatusHistory(store);
  return {
    applicationConfig: ({ application }) => {
      if (world().applications[application] === undefined)
        throw new ModelError('not-found', 'show config', `application ${application} not found (not found)`);
      return applicationConfigAnswer(world(), application);
    },
    applicationInfo: ({ application }) => applicationInfoAnswer(world(), application),
    unitInfo: ({ unit }) => unitInfoAnswer(world(), unit),
    actionSpecs: ({ application }) => actionSpecsAnswer(world(), application),
    charmInfo: async ({ path }) => {
      const spec = await readCharm(path);
      return {
        name: spec.name,
        revision: world().charmRevisions[spec.name] ?? 0,
        base: 'ubuntu@24.04',
        subordinate: spec.subordinate,
        endpoints: Object.keys(spec.endpoints),
      };
    },
    task: ({ id }) => taskAnswer(world(), taskOf(world(), id)),
    operation: ({ id }) => {
      const operation = world().operations[id];
      if (operation === undefined) throw new ModelError('not-found', 'show operation', `operation ${id} not found`);
      return operationAnswer(world(), operation);
    },
    modelInfo: () => modelInfoAnswer(world()),
    modelConfigValues: () => modelConfigAnswer(world()),
    statusHistory: ({ entity }) => {
      const known = world().units[entity] ?? world().machines[entity] ?? world().applications[entity];
      const records = history.of(entity);
      if (known === undefined && records.length === 0)
        throw new ModelError(
          'not-found',
          'show status log',
          `${/^\d+$/.test(entity) ? 'machine' : entity.includes('/') ? 'unit' : 'application'} "${entity}" not found`,
        );
      return records;
    },
    operations: () =>
      Object.values(world().operations)
        .sort((a, b) => Number(a.id) - Number(b.id))
        .map((operation) => operationAnswer(world(), operation)),
  };
}
