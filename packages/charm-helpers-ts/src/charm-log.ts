import type { LogLevel, LogTools } from './tools/log';

/** Lines for `juju debug-log`, written in order and in the background: {@link CharmLog.flush} before the hook ends. */
export interface CharmLog {
  log(level: LogLevel, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  /** Resolves when all lines so far are written. Lines that could not be written go to `spill`; it never rejects. */
  flush(): Promise<void>;
}

/** @param spill where lines go that `juju-log` did not take: stderr, which Juju logs too. */
export function charmLog(tools: LogTools, spill: (line: string) => void): CharmLog {
  let written: Promise<void> = Promise.resolve();
  const log = (level: LogLevel, message: string): void => {
    written = written.then(() => tools.jujuLog(level, message)).catch(() => spill(`${level} ${message}`));
  };
  return {
    log,
    debug: (message) => log('DEBUG', message),
    info: (message) => log('INFO', message),
    warning: (message) => log('WARNING', message),
    error: (message) => log('ERROR', message),
    flush: () => written,
  };
}
