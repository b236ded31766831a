/** State of a service as its manager tells it. */
export interface ServiceState {
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'failed' | 'unknown';
  readonly mainPid: number | null;
  /** Process start, milliseconds since the epoch; null if not running. */
  readonly startedAt: number | null;
}

/** The machine's service manager (systemd), for units that the charm owns. */
export interface ServiceManager {
  state(service: string): Promise<ServiceState>;
  /** Writes the unit file and reloads; does not start. */
  install(service: string, unitFile: string): Promise<void>;
  /** Enables and starts. Resolves when the start was asked for and did not fail at once. */
  start(service: string): Promise<void>;
  restart(service: string): Promise<void>;
  stop(service: string): Promise<void>;
  disable(service: string): Promise<void>;
  /** Stops and disables it and takes its unit file away. */
  uninstall(service: string): Promise<void>;
  /** Whether it takes a calendar expression of a timer: null, or its own words. */
  calendarFault(expression: string): Promise<string | null>;
  /** Writes a service that a timer starts, and that timer, enables and (re)starts the timer. Both have this name. */
  installTimer(name: string, unitFile: string, timerFile: string): Promise<void>;
  /** Stops and disables the timer, lets a run that is under way end, and takes both files away. */
  uninstallTimer(name: string): Promise<void>;
  /** Arms a one-shot timer that runs `command` once, replacing an armed one of the same name. */
  wakeLater(name: string, afterSeconds: number, command: readonly string[]): Promise<void>;
}
