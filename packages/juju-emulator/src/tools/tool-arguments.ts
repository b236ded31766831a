import { quote, quoteList } from '../format/go-quote';
import { stringOption, type Option } from '../format/option-parser';
import type { HookContext } from './hook-context';
import type { RelationContext } from './relation-context';
import type { ToolIo } from './tool';
import { runError, usageError } from './tool-error';

/** Refuses what is left over. */
export function checkEmpty(args: readonly string[]): void {
  if (args.length > 0) throw usageError(`unrecognized args: ${quoteList(args)}`);
}

/** `-r ID`: only what follows the last colon counts. Starts as the context's own relation. */
export class RelationArgument {
  relation: RelationContext | undefined;
  readonly option: Option;

  constructor(context: HookContext) {
    this.relation = context.relation;
    this.option = {
      names: ['r', 'relation'],
      isBool: false,
      set: (value) => {
        const text = value.slice(value.lastIndexOf(':') + 1);
        if (!/^[-+]?[0-9]+$/.test(text)) return 'invalid relation id';
        this.relation = context.relations.get(Number(text));
        return this.relation === undefined ? 'relation not found' : undefined;
      },
    };
  }

  /** @throws ToolError when neither the option nor the context names a relation. */
  required(): RelationContext {
    if (this.relation === undefined) throw usageError('no relation id specified');
    return this.relation;
  }
}

/** `--format` of tools that no longer have one: accepted, ignored, and said so without a newline. */
export class DeadFormatArgument {
  private value = '';
  readonly option = stringOption(['format'], (value) => {
    this.value = value;
  });

  constructor(private readonly tool: string) {}

  warn(io: ToolIo): void {
    if (this.value !== '') io.stderr(`--format flag deprecated for command ${quote(this.tool)}`);
  }
}

export type KeyValue = readonly [key: string, value: string];

/** `key=value` arguments, trimmed; empty arguments are skipped and a key may come once. */
export function parseKeyValues(args: readonly string[]): KeyValue[] {
  const seen = new Map<string, string>();
  for (const argument of args) {
    if (argument === '') continue;
    const equals = argument.indexOf('=');
    if (equals < 0) throw usageError(`expected "key=value", got ${quote(argument)}`);
    const key = argument.slice(0, equals).trim();
    const value = argument.slice(equals + 1).trim();
    if (key === '') throw usageError(`expected "key=value", got "=${value}"`);
    if (seen.has(key)) throw usageError(`key ${quote(key)} specified more than once`);
    seen.set(key, value);
  }
  return [...seen];
}

export function notRunningAction(): Error {
  return runError('not running an action');
}
