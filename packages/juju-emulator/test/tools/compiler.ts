import { spawnSync } from 'node:child_process';

/** Whether gcc can build the client here; tests that need it are skipped, visibly, where not. */
export const hasCompiler = spawnSync('gcc', ['--version']).status === 0;
if (!hasCompiler) process.stdout.write('skipped: tests of the hook-tool client need gcc\n');
