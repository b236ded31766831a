import { spawn } from 'node:child_process';
import { classifyFailure, HookToolError } from './hook-tool-error';
import type { HookToolOptions, HookToolRunner } from './runner';

/** Failures to start a process that pass by themselves. */
const passing = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']);

/**
 * Runs the real hook tools, which the Juju agent puts first in PATH.
 * @param env the environment of the hook: the tools need JUJU_CONTEXT_ID and JUJU_AGENT_SOCKET_* from it.
 */
export function processHookToolRunner(env: NodeJS.ProcessEnv = process.env): HookToolRunner {
  return {
    async run(tool, args, options = {}) {
      if (options.privateFile === undefined) return spawnTool(env, tool, args, options);
      const { withPrivateFile } = await import('./private-file');
      return withPrivateFile(options.privateFile, (path) => spawnTool(env, tool, [...args, '--file', path], options));
    },
  };
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
      const words = Buffer.concat(stderr).toString('utf8');
      reject(new HookToolError({ tool, args, exitCode, stderr: words, ...classifyFailure(exitCode, words) }));
    });
    if (options.stdin !== undefined) {
      // A tool that fails before it reads closes the pipe; its exit status tells more than EPIPE.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.stdin);
    }
  });
}
