import { parseArguments } from '../format/option-parser';
import { UniterApiError } from './api-error';
import type { HookContext } from './hook-context';
import type { ToolRegistry } from './registry';
import type { Tool } from './tool';
import { StdinRequired, ToolError } from './tool-error';

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** No such tool in this version: the request is refused before a command exists. */
export class UnknownTool extends Error {
  override readonly name = 'UnknownTool';
}

export interface ToolRequest {
  readonly tool: string;
  readonly args: readonly string[];
  /** The caller's working directory. */
  readonly dir: string;
  /** Undefined: not sent; the tool may ask for it. */
  readonly stdin: Uint8Array | undefined;
}

function helpText(tool: Tool): string {
  return `Usage: ${[tool.name, '[options]', tool.usage].filter((part) => part !== '').join(' ')}\n\nSummary:\n${tool.purpose}\n`;
}

/**
 * Runs one hook tool in a context.
 * @returns what the tool printed and its exit code (2: arguments refused, 1: ran and failed), or 'stdin required' when
 *   it wants the caller's stdin and `stdin` is undefined; the call is then to be repeated with it.
 * @throws UnknownTool
 */
export async function runTool(
  registry: ToolRegistry,
  context: HookContext,
  { tool: name, args, dir, stdin }: ToolRequest,
): Promise<ToolResult | 'stdin required'> {
  const tool = registry.get(name);
  if (tool === undefined) throw new UnknownTool(name);
  const out: string[] = [];
  const err: string[] = [];
  const result = (code: number): ToolResult => ({ code, stdout: out.join(''), stderr: err.join('') });
  try {
    const call = tool.start(context);
    const parsed = await parseArguments(call.options, args);
    if (!parsed.ok) {
      if (parsed.help) return { code: 0, stdout: helpText(tool), stderr: '' };
      throw new ToolError(2, parsed.message);
    }
    await call.init(parsed.positional);
    await call.run({
      dir,
      readStdin: () => {
        if (stdin === undefined) throw new StdinRequired();
        return stdin;
      },
      stdout: (text) => void out.push(text),
      stderr: (text) => void err.push(text),
    });
    return result(0);
  } catch (error) {
    if (error instanceof StdinRequired) return 'stdin required';
    if (!(error instanceof ToolError) && !(error instanceof UniterApiError)) throw error;
    err.push(`ERROR ${error.message}\n`);
    return result(error instanceof ToolError ? error.exitCode : 1);
  }
}
