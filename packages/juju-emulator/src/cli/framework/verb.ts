import { type Collector, type OptionSpec, optionSpec } from './option-spec';

/** One positional argument: `<unit>` is needed, `[unit]` is not, `<units...>` takes all that follow. */
export interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
}

/** What a verb's action is told beside its arguments and flags. */
export interface Invocation {
  /** Keys of the options that stood on the command line. */
  readonly given: ReadonlySet<string>;
  /** The name by which the verb was called: one of its aliases, perhaps. */
  readonly calledAs: string;
}

// Arguments are strings or lists of strings, then come the flags and the invocation: as its declaration says.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Action = (...args: any[]) => unknown;

/** Formats of documents that a program reads: after an error they print `{}`. */
export const serialisable = ['json', 'yaml'];

/** One verb of the command line: its declaration is what the parser, `--help` and the reference pages are made of. */
export class Verb {
  readonly name: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: OptionSpec[] = [];
  readonly otherNames: string[] = [];
  summary = '';
  detailText = '';
  exampleLines: readonly string[] = [];
  relatedVerbs: readonly string[] = [];
  /** 'juju' for Juju's verbs, 'emulator' for those that only the emulator has. */
  family: 'juju' | 'emulator' = 'juju';
  isInterspersed = true;
  missingText: string | undefined;
  run: Action = () => undefined;

  /** @param declaration `name <needed> [optional] [rest...]` */
  constructor(declaration: string) {
    const [name = '', ...words] = declaration.split(' ');
    this.name = name;
    this.arguments = words.map((word) => ({
      name: word.replace(/^[<[]|\.{3}|[\]>]$/g, ''),
      required: word.startsWith('<'),
      variadic: word.includes('...'),
    }));
  }

  description(text: string): this {
    this.summary = text;
    return this;
  }

  /** An option, `-x, --long <value>`; the third argument is its default or a collector, with the default after it. */
  option(declaration: string, description: string, initial?: unknown, fallback?: readonly string[]): this;
  option(declaration: string, description: string, collector: Collector, fallback: readonly string[]): this;
  option(declaration: string, description: string, initial?: unknown, fallback?: unknown): this {
    this.options.push(optionSpec(declaration, description, initial, fallback));
    return this;
  }

  /** `--format` with its default and the others, and `-o FILE`, as all verbs with a result have them. */
  formats(initial: string, ...others: readonly string[]): this {
    const all = [initial, ...others];
    const check = (value: string): string | undefined =>
      all.includes(value) ? undefined : `unknown format "${value}"`;
    this.options.push(
      optionSpec(
        '--format <format>',
        `Specify output format (${[...all].sort().join('|')})`,
        initial,
        undefined,
        check,
      ),
      optionSpec('-o, --output <file>', 'Specify an output file'),
    );
    return this;
  }

  /** What is said when arguments are missing, Juju's words. */
  missing(text: string): this {
    this.missingText = text;
    return this;
  }

  alias(name: string): this {
    return this.aliases([name]);
  }

  aliases(names: readonly string[]): this {
    this.otherNames.push(...names);
    return this;
  }

  /** Options end at the first argument: what follows belongs to another program. */
  passThroughOptions(yes = true): this {
    this.isInterspersed = !yes;
    return this;
  }

  /** What `--help` says under Details. */
  details(text: string): this {
    this.detailText = text;
    return this;
  }

  examples(...lines: readonly string[]): this {
    this.exampleLines = lines;
    return this;
  }

  seeAlso(...verbs: readonly string[]): this {
    this.relatedVerbs = verbs;
    return this;
  }

  action(run: Action): this {
    this.run = run;
    return this;
  }

  /** `<unit> [<unit> ...]`, as usage lines have it. */
  get usage(): string {
    return this.arguments
      .map(({ name, required, variadic }) => {
        const one = variadic ? `<${name}> ...` : `<${name}>`;
        return required ? one : `[${one}]`;
      })
      .join(' ');
  }
}
