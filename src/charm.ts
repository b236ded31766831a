import { dispatch, eventName, type CharmMain, type CharmRun, type SettableStatus } from '@juju/charm-helpers-ts';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { unitName } from './domain/ids';
import { flagsOf } from './domain/flags';
import type { Observed } from './domain/observed';
import { statusOf } from './domain/status';
import type { Step } from './domain/step';
import type { Execution, StepOutcome } from './execute/execution';
import { Executor } from './execute/executor';
import { Journal } from './execute/journal';
import { Observer } from './observe/observer';
import { RelatedCertificateAuthority } from './ports/certificate-authority-related';
import type { EtcdMaintenance, EtcdMembership } from './ports/etcd-api';
import type { EtcdKeys } from './ports/etcd-keys';
import { GatewayEtcdMaintenance } from './ports/etcd-maintenance-gateway';
import { Etcd3Keys } from './ports/etcd-keys-etcd3';
import { Etcd3Membership } from './ports/etcd-membership-etcd3';
import { GatewayEtcdProbe } from './ports/etcd-probe-gateway';
import { readCredentials, type PemCredentials } from './ports/pem-credentials';
import { PendingWrites } from './ports/pending-writes';
import { renderServiceUnit } from './ports/service-unit';
import { SigningRequests } from './ports/signing-requests';
import { AptSource } from './ports/source-apt';
import { ResourceSource } from './ports/source-resource';
import { SnapSource } from './ports/source-snap';
import { notBuiltLine } from './not-built';
import { handlers } from './reactive/handlers';
import type { Wiring } from './wiring';

/** The charm's parts for one hook, made from the wiring. */
class Charm {
  readonly observer: Observer;
  readonly executor: Executor;
  readonly execution: Execution;
  private readonly run: CharmRun;
  private readonly wiring: Wiring;
  private probe: GatewayEtcdProbe | null = null;
  private membership: Etcd3Membership | null = null;
  private maintenance: GatewayEtcdMaintenance | null = null;
  private keys: Etcd3Keys | null = null;

  constructor(run: CharmRun, wiring: Wiring) {
    this.run = run;
    this.wiring = wiring;
    const { context, tools, log } = run;
    const { paths, files, processes, services, clock, owner, architecture, hostname, entropy, program } = wiring;
    const unit = unitName(context.unit);
    const pending = new PendingWrites();
    const authority = new RelatedCertificateAuthority(tools, context.unit, new SigningRequests(files, paths, clock));
    const channel = async (): Promise<string> => String((await tools.configGet())['channel'] ?? 'auto');
    const sources = {
      resource: new ResourceSource(tools, files, paths.cache, architecture),
      apt: new AptSource(processes, files, paths.cache, architecture),
      snap: new SnapSource(processes, files, paths.cache, architecture, channel),
    };
    const unitFile = renderServiceUnit(paths, architecture);
    const turnKey = `/_juju/${context.model.uuid}/${context.application}/turn`;
    const probe = (): Promise<GatewayEtcdProbe | null> => this.currentProbe();
    // What looking and acting have in common.
    const shared = { context, tools, files, services, authority, sources, paths, clock, pending, probe, turnKey };
    this.observer = new Observer({
      ...shared,
      machine: { hostname, architecture },
      entropy,
      gateRelease: program.release,
      wantedUnitFileHash: createHash('sha256').update(unitFile).digest('hex'),
    });
    this.execution = {
      ...shared,
      processes,
      architecture,
      freshSecret: () => randomBytes(24).toString('base64url'),
      program,
      unitFile,
      wakeCommand: wakeCommand(unit, context.charmDir, context.jujuVersion),
      owner,
      membership: () => this.currentMembership(),
      maintenance: () => this.currentMaintenance(),
      keys: () => this.currentKeys(),
      local: () => this.observer.endpoint(),
    };
    const journal = new Journal(files, paths, clock, eventName(context.event));
    this.executor = new Executor(this.execution, journal, log, (kind) => {
      if (kind === 'install-certificates') this.dropConnections();
      this.observer.forget(kind);
    });
  }

  async reconcile(): Promise<void> {
    const { tools, tracer } = this.run;
    const execute = (step: Step): Promise<StepOutcome> => this.executor.execute(step);
    const { world } = await dispatch({
      observe: () => this.observer.observe(),
      flags: flagsOf,
      handlers: handlers(execute),
      tracer,
    });
    await this.report(world, tools);
  }

  close(): void {
    this.dropConnections();
  }

  private async report(world: Observed, tools: CharmRun['tools']): Promise<void> {
    const { word, message } = statusOf(world);
    await tools.statusSet(word satisfies SettableStatus, message);
  }

  private credentials(): Promise<PemCredentials | null> {
    const { files, paths } = this.wiring;
    return readCredentials(files, paths, 'client');
  }

  private async currentProbe(): Promise<GatewayEtcdProbe | null> {
    if (this.probe !== null) return this.probe;
    const credentials = await this.credentials();
    this.probe ??= credentials === null ? null : new GatewayEtcdProbe(credentials);
    return this.probe;
  }

  private async currentMembership(): Promise<EtcdMembership> {
    this.membership ??= new Etcd3Membership(await this.neededCredentials());
    return this.membership;
  }

  private async currentMaintenance(): Promise<EtcdMaintenance> {
    this.maintenance ??= new GatewayEtcdMaintenance(await this.neededCredentials());
    return this.maintenance;
  }

  private async currentKeys(): Promise<EtcdKeys> {
    this.keys ??= new Etcd3Keys(await this.neededCredentials());
    return this.keys;
  }

  private async neededCredentials(): Promise<PemCredentials> {
    const credentials = await this.credentials();
    if (credentials === null) throw new Error('a step for the cluster was planned without certificates on disk');
    return credentials;
  }

  /** Connections made with certificates that are no longer those on disk. */
  private dropConnections(): void {
    this.probe?.close();
    this.membership?.close();
    this.maintenance?.close();
    this.keys?.close();
    this.probe = null;
    this.membership = null;
    this.maintenance = null;
    this.keys = null;
  }
}

/** Runs update-status of this unit from a timer: `juju-exec`, or `juju-run` before Juju 3. */
function wakeCommand(unit: string, charmDir: string, jujuVersion: string): readonly string[] {
  const program = jujuVersion.startsWith('2.') ? '/usr/bin/juju-run' : '/usr/bin/juju-exec';
  return [program, unit, `JUJU_DISPATCH_PATH=hooks/update-status ${join(charmDir, 'dispatch')}`];
}

/** The charm on some wiring: hooks reconcile, actions answer. */
export function createCharm(wire: (run: CharmRun) => Wiring): CharmMain {
  return async (run) => {
    const wiring = wire(run);
    const charm = new Charm(run, wiring);
    try {
      const { event } = run.context;
      if (event.kind === 'action') {
        const { runAction } = await import('./actions/run-action');
        await runAction(event.name, run, {
          execution: charm.execution,
          observe: () => charm.observer.observe(),
          lookAgain: () => charm.observer.lookAgain(),
          perform: (step) => charm.executor.perform(step),
        });
      } else {
        const notBuilt = notBuiltLine(event);
        if (notBuilt !== null) run.log.warning(notBuilt);
        await charm.reconcile();
      }
    } finally {
      charm.close();
    }
  };
}
