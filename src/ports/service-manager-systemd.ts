import { uptime } from 'node:os';
import { join } from 'node:path';
import { CharmError } from '../domain/errors';
import type { Files } from './files';
import type { Processes } from './processes';
import type { ServiceManager, ServiceState } from './service-manager';

/** systemd's ActiveState (systemctl(1)) in our words; a unit between two attempts is `activating (auto-restart)`. */
function stateOf(load: string | undefined, active: string | undefined): ServiceState['state'] {
  if (load === 'not-found') return 'absent';
  switch (active) {
    case 'active':
    case 'reloading':
      return 'running';
    case 'activating':
      return 'starting';
    case 'inactive':
    case 'deactivating':
      return 'stopped';
    case 'failed':
      return 'failed';
    default:
      return 'unknown';
  }
}

/** systemd through systemctl and systemd-run. */
export class SystemdServiceManager implements ServiceManager {
  private readonly processes: Processes;
  private readonly files: Files;
  private readonly unitDirectory: string;
  private readonly now: () => number;

  constructor(processes: Processes, files: Files, unitDirectory: string, now: () => number) {
    this.now = now;
    this.processes = processes;
    this.files = files;
    this.unitDirectory = unitDirectory;
  }

  async state(service: string): Promise<ServiceState> {
    const shown = await this.processes.run(
      'systemctl',
      ['show', '--property=LoadState,ActiveState,MainPID,ExecMainStartTimestampMonotonic', `${service}.service`],
      { timeoutMs: 10_000, allowFailure: true },
    );
    const values = new Map(
      shown.stdout.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)] as const;
      }),
    );
    if (shown.exitCode !== 0) return { state: 'unknown', mainPid: null, startedAt: null };
    const state = stateOf(values.get('LoadState'), values.get('ActiveState'));
    const pid = Number(values.get('MainPID') ?? 0);
    const running = pid > 0 && state !== 'stopped';
    // Microseconds since boot; systemd before 251 prints no other time that a program can read.
    const started = Number(values.get('ExecMainStartTimestampMonotonic') ?? 0) / 1000;
    const booted = this.now() - uptime() * 1000;
    return { state, mainPid: running ? pid : null, startedAt: running && started > 0 ? booted + started : null };
  }

  async install(service: string, unitFile: string): Promise<void> {
    await this.files.writeAtomic(join(this.unitDirectory, `${service}.service`), unitFile, { mode: 0o644 });
    await this.systemctl(['daemon-reload'], service);
  }

  async start(service: string): Promise<void> {
    await this.systemctl(['enable', '--quiet', `${service}.service`], service);
    await this.systemctl(['reset-failed', `${service}.service`], service, true);
    await this.systemctl(['start', '--no-block', `${service}.service`], service);
  }

  async restart(service: string): Promise<void> {
    await this.systemctl(['restart', `${service}.service`], service);
  }

  async stop(service: string): Promise<void> {
    await this.systemctl(['stop', `${service}.service`], service);
  }

  async disable(service: string): Promise<void> {
    await this.systemctl(['disable', '--quiet', `${service}.service`], service, true);
  }

  async uninstall(service: string): Promise<void> {
    await this.systemctl(['disable', '--quiet', '--now', `${service}.service`], service, true);
    await this.files.remove(join(this.unitDirectory, `${service}.service`));
    await this.systemctl(['daemon-reload'], service);
  }

  async calendarFault(expression: string): Promise<string | null> {
    const { exitCode, stderr, stdout } = await this.processes.run('systemd-analyze', ['calendar', '--', expression], {
      timeoutMs: 10_000,
      allowFailure: true,
    });
    return exitCode === 0 ? null : `${stderr}\n${stdout}`.trim().split('\n')[0] || 'it gives no reason';
  }

  async installTimer(name: string, unitFile: string, timerFile: string): Promise<void> {
    await this.files.writeAtomic(join(this.unitDirectory, `${name}.service`), unitFile, { mode: 0o644 });
    await this.files.writeAtomic(join(this.unitDirectory, `${name}.timer`), timerFile, { mode: 0o644 });
    await this.systemctl(['daemon-reload'], name);
    await this.systemctl(['enable', '--quiet', `${name}.timer`], name);
    // Started anew: one that runs goes on with its old times.
    await this.systemctl(['restart', `${name}.timer`], name);
  }

  async uninstallTimer(name: string): Promise<void> {
    await this.systemctl(['disable', '--quiet', '--now', `${name}.timer`], name, true);
    await this.files.remove(join(this.unitDirectory, `${name}.timer`));
    await this.files.remove(join(this.unitDirectory, `${name}.service`));
    await this.systemctl(['daemon-reload'], name);
  }

  async wakeLater(name: string, afterSeconds: number, command: readonly string[]): Promise<void> {
    // The charm may be running in the service of an earlier timer: that one must stay, and its name is taken. Only timers are replaced.
    await this.systemctl(['stop', `${name}-*.timer`], name, true);
    await this.processes.run(
      'systemd-run',
      [
        '--quiet',
        '--collect',
        `--unit=${name}-${this.now()}`,
        `--on-active=${afterSeconds}s`,
        '--timer-property=AccuracySec=1s',
        // A wake that is lost would leave the unit waiting for update-status: juju-exec is tried again while the agent is away.
        '--property=Restart=on-failure',
        '--property=RestartSec=5',
        '--property=StartLimitIntervalSec=600',
        '--property=StartLimitBurst=10',
        '--',
        ...command,
      ],
      { timeoutMs: 20_000 },
    );
  }

  private async systemctl(args: readonly string[], service: string, allowFailure = false): Promise<void> {
    try {
      await this.processes.run('systemctl', args, { timeoutMs: 120_000, allowFailure });
    } catch (cause) {
      throw new CharmError({
        code: 'SERVICE_FAILED',
        operation: `systemctl ${args.join(' ')}`,
        message: `systemd could not ${args[0] ?? 'act on'} ${service}: see "journalctl -u ${service}" on this unit.`,
        cause,
        retryable: true,
      });
    }
  }
}
