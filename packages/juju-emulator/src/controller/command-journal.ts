import type { Method } from './api-server';
import type { Emulator } from './emulator';

/** What operators do to a model: each is in the journal as `command`, with the turn before which it was done. */
const commands = {
  emulator: [
    'deploy',
    'integrate',
    'removeRelation',
    'addUnit',
    'addMachine',
    'removeMachine',
    'removeUnit',
    'removeApplication',
    'setConfig',
    'attachResource',
    'refresh',
    'resolved',
    'startAction',
    'cancel',
    'arm',
    'fault',
    'settle',
    'advance',
  ],
  storage: ['add', 'attach', 'detach', 'remove', 'createPool', 'removePool'],
  controller: ['tick', 'hold', 'killAgent', 'moveLeader'],
  machines: ['stop', 'start', 'reboot', 'destroy'],
} as const;
type Part = keyof typeof commands;

/** Methods of the command line that change the model by themselves, not by one of the commands above. */
const changingMethods = [
  'expose',
  'trust',
  'setConstraints',
  'modelConfig',
  'addSecret',
  'updateSecret',
  'removeSecret',
  'changeSecretAccess',
  'enqueue',
] as const;

/** They come back with their result, not with a promise, or change nothing that an agent could be looking at. */
const immediate: ReadonlySet<string> = new Set([
  'emulator.arm',
  'emulator.settle',
  'emulator.advance',
  'controller.tick',
  'controller.hold',
  'controller.moveLeader',
]);

/** One command as the journal has it. */
export interface JournalledCommand {
  /** `storage.add`; `method.enqueue` for what the command line asked for. */
  readonly name: string;
  readonly args: readonly unknown[];
  /** How many turns agents had had; null where all act at once. */
  readonly turn: number | null;
}

type Callable = (...args: readonly unknown[]) => unknown;

function partsOf(emulator: Emulator): Record<Part, object> {
  const { controller, storage } = emulator;
  return { emulator, controller, storage, machines: controller.machines };
}

/** What can be read back from a file: a signal that somebody listens to cannot. */
function write({ controller }: Emulator, name: string, args: readonly unknown[]): void {
  const text = JSON.stringify(args, (_key, value: unknown) => (value instanceof AbortSignal ? undefined : value));
  const turn = controller.turns?.granted ?? null;
  const command: JournalledCommand = { name, args: JSON.parse(text) as unknown[], turn };
  controller.options.journal.write('command', undefined, { ...command });
}

/** Lets every command of an emulator write itself into the journal and, where agents take turns, happen between two of them. */
export function journalCommands(emulator: Emulator): void {
  const { turns } = emulator.controller;
  // A command that is carried out by another one at once is that one's business.
  let within = false;
  for (const [part, object] of Object.entries(partsOf(emulator)) as [Part, object][])
    for (const name of commands[part]) {
      const method = ((object as Record<string, unknown>)[name] as Callable).bind(object);
      const full = `${part}.${name}`;
      const journalled = (...args: readonly unknown[]): unknown => {
        if (within) return method(...args);
        const run = (): unknown => {
          write(emulator, full, args);
          within = true;
          try {
            return method(...args);
          } finally {
            within = false;
          }
        };
        return turns === undefined || immediate.has(full) ? run() : turns.between(run);
      };
      Object.defineProperty(object, name, { value: journalled, configurable: true });
    }
}

/** The same for the methods of the command line that change the model by themselves. */
export function journalMethods<M extends Readonly<Record<string, Method>>>(emulator: Emulator, methods: M): M {
  const { turns } = emulator.controller;
  const journalled = changingMethods.map((name) => {
    const method = methods[name] as Method;
    const wrapped: Method = (params, call) => {
      const run = (): unknown => {
        write(emulator, `method.${name}`, [params]);
        return method(params, call);
      };
      return turns === undefined ? run() : turns.between(run);
    };
    return [name, wrapped] as const;
  });
  return { ...methods, ...Object.fromEntries(journalled) };
}

/** What a command of a journal does on an emulator; undefined if there is no such command. */
export function commandOf(
  emulator: Emulator,
  methods: Readonly<Record<string, Method>>,
  command: string,
): Callable | undefined {
  const [part = '', name = ''] = command.split('.');
  if (part === 'method') {
    const method = methods[name];
    return method && ((params) => method(params as never, unheard));
  }
  const known: readonly string[] = commands[part as Part] ?? [];
  if (!known.includes(name)) return undefined;
  const object = partsOf(emulator)[part as Part];
  return ((object as Record<string, unknown>)[name] as Callable).bind(object);
}

/** Nobody listens to what is done again. */
const unheard: Parameters<Method>[1] = {
  send: () => undefined,
  closed: new AbortController().signal,
  onStdin: () => undefined,
};
