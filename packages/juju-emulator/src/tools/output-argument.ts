import { resolve } from 'node:path';
import { quote } from '../format/go-quote';
import type { GoValue } from '../format/go-value';
import { stringOption, type Option } from '../format/option-parser';
import { formatters, type OutputFormat } from '../format/output-format';
import { openErrorText } from './agent-files';
import type { HookContext } from './hook-context';
import type { ToolIo } from './tool';
import { runError } from './tool-error';

/** `--format` and `-o`: the answer of a tool that prints one. */
export class OutputArgument {
  format: OutputFormat;
  private path = '';
  readonly options: readonly Option[];

  constructor(
    private readonly context: HookContext,
    private readonly formats: readonly [OutputFormat, ...OutputFormat[]] = ['smart', 'yaml', 'json'],
  ) {
    [this.format] = formats;
    this.options = [
      {
        names: ['format'],
        isBool: false,
        set: (value) => {
          const format = this.formats.find((name) => name === value);
          if (format === undefined) return `unknown format ${quote(value)}`;
          this.format = format;
          return undefined;
        },
      },
      stringOption(['o', 'output'], (value) => {
        this.path = value;
      }),
    ];
  }

  /** Prints, or writes the file; the agent does that, with the caller's directory as base. */
  async write(io: ToolIo, value: GoValue): Promise<void> {
    const text = formatters[this.format](value);
    if (this.path === '') return io.stdout(text);
    const path = resolve(io.dir, this.path);
    try {
      await this.context.options.files.write(path, Buffer.from(text));
    } catch (error) {
      throw runError(openErrorText(path, error), { cause: error });
    }
  }
}
