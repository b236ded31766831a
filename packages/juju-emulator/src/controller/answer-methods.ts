import { readCharm } from '../agent/charm-archive';
import {
  type ApplicationConfigAnswer,
  type ApplicationInfoAnswer,
  type ActionSpecAnswer,
  type OperationAnswer,
  type Task,
  type UnitInfoAnswer,
  type World,
  ModelError,
  actionSpecsAnswer,
  applicationConfigAnswer,
  applicationInfoAnswer,
  operationAnswer,
  taskOf,
  unitInfoAnswer,
} from '../model';

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

/** The methods that only look. `world` gives the model as it is now. */
export function answerMethods(world: () => World): {
  [K in keyof Answers]: (params: Answers[K]['params']) => Answers[K]['answer'] | Promise<Answers[K]['answer']>;
} {
  return {
    applicationConfig: ({ application }) => applicationConfigAnswer(world(), application),
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
    task: ({ id }) => taskOf(world(), id),
    operation: ({ id }) => {
      const operation = world().operations[id];
      if (operation === undefined) throw new ModelError('not-found', 'show operation', `operation ${id} not found`);
      return operationAnswer(world(), operation);
    },
    operations: () =>
      Object.values(world().operations)
        .sort((a, b) => Number(a.id) - Number(b.id))
        .map((operation) => operationAnswer(world(), operation)),
  };
}
