import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { classifyFailure, HookToolError } from './hook-tool-error';
import { onlyReads } from './reads';
import type { HookToolOptions, HookToolRunner } from './runner';
import { ToolShell, type ToolCall, type ToolExit } from './tool-shell';

/** Failures to start a process that pass by themselves. */
const passing = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']);

/** Juju serves one call after another, but tools start and end beside that: that takes real ones longer than what they ask for. */
const mostShells = 4;

/**
 * Runs the real hook tools, which the Juju agent puts first in PATH, from as many shells as there are processors.
 * @param env the environment of the hook: the tools need JUJU_CONTEXT_ID and JUJU_AGENT_SOCKET_* from it.
 */
export function processHookToolRunner(env: NodeJS.ProcessEnv = process.env): HookToolRunner {
  const shells: ToolShell[] = [];
  const most = Math.min(availableParallelism(), mostShells);
  const leastBusy = (): ToolShell => {
    const [first] = shells
      .filter(({ busy }) => busy !== null)
      .sort((one, other) => (one.busy ?? 0) - (other.busy ?? 0));
    if (first !== undefined && (first.busy === 0 || shells.length >= most)) return first;
    const another = new ToolShell(env);
    shells.push(another);
    return another;
  };
  return {
    async run(tool, args, options = {}) {
      if (options.privateFile !== undefined) {
        const { withPrivateFile } = await import('./private-file');
        return withPrivateFile(options.privateFile, (path) => spawnTool(env, tool, [...args, '--file', path], options));
      }
      if (options.stdin !== undefined) return spawnTool(env, tool, args, options);
      const outcome = await leastBusy().call({ tool, args });
      // Alone, for the system's own words of why not; a read can also be made again where nobody knows what came of it.
      if (outcome === 'not-started' || (outcome === 'lost' && onlyReads(tool))) return spawnTool(env, tool, args, {});
      const exit = outcome === 'lost' ? { exitCode: null, stdout: '', stderr: '' } : outcome;
      if (exit.exitCode === 0) return exit.stdout;
      throw failure({ tool, args }, exit);
    },
  };
}

function failure({ tool, args }: ToolCall, { exitCode, stderr }: ToolExit): HookToolError {
  return new HookToolError({ tool, args, exitCode, stderr, ...classifyFailure(exitCode, stderr) });
}

function spawnTool(
  env: NodeJS.ProcessEnv,
  tool: string,
  args: readonly string[],
  options: HookToolOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { env, stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      reject(
        new HookToolError({
          tool,
          args,
          exitCode: null,
          stderr: missing ? 'no such hook tool in PATH: it exists only in hooks run by the Juju agent' : cause.message,
          code: missing ? 'tool-missing' : 'cannot-start',
          retryable: cause.code !== undefined && passing.has(cause.code),
          cause,
        }),
      );
    });
    child.on('close', (exitCode) => {
      if (exitCode === 0) return resolve(Buffer.concat(stdout).toString('utf8'));
      reject(failure({ tool, args }, { exitCode, stdout: '', stderr: Buffer.concat(stderr).toString('utf8') }));
    });
    if (options.stdin !== undefined) {
      // A tool that fails before it reads closes the pipe; its exit status tells more than EPIPE.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.stdin);
    }
  });
}
