import type { HookToolRunner } from './runner';

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

export interface LogTools {
  /** `juju-log`: a line in `juju debug-log`, at once. */
  jujuLog(level: LogLevel, message: string): Promise<void>;
}

export const logTools = (runner: HookToolRunner): LogTools => ({
  jujuLog: async (level, message) => {
    // An empty message is refused by the tool.
    if (message !== '') await runner.run('juju-log', ['--log-level', level, '--', message]);
  },
});
