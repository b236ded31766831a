import { formatPortRange, type HookContext, type HookTools } from '@juju/charm-helpers-ts';
import type { Url } from '../domain/ids';
import { startedWithoutData } from '../domain/member';
import type { DiskFacts, Observed, UnitFacts } from '../domain/observed';
import type { Probe } from '../domain/probe';
import { isLeftToSurvey } from '../domain/recreating';
import type { StepKind } from '../domain/step';
import type { CertificateAuthority } from '../ports/certificate-authority';
import type { Clock } from '../ports/clock';
import type { EtcdProbe } from '../ports/etcd-api';
import type { Files } from '../ports/files';
import { endpointOnDisk } from '../ports/local-endpoint';
import type { Paths } from '../ports/paths';
import type { PendingWrites } from '../ports/pending-writes';
import type { ServiceManager } from '../ports/service-manager';
import { changedBy, type Facet } from './facets';
import { configuredEndpoint } from './local-endpoint';
import { observeBackup } from './observe-backup';
import { observeCertificateAuthority } from './observe-certificate-authority';
import { observeClients } from './observe-clients';
import { observeCluster, observeLocal, type Patience } from './observe-cluster';
import { observeConfiguration } from './observe-configuration';
import { observeDisk } from './observe-disk';
import { observeFormer } from './observe-former';
import { observeGate } from './observe-gate';
import { observeMemory } from './observe-memory';
import { observeMirror } from './observe-mirror';
import { observePeers } from './observe-peers';
import { observeRemains } from './observe-remains';
import { observeService } from './observe-service';
import { observeSpace } from './observe-space';
import { observeStandby } from './observe-standby';
import { observeTls } from './observe-tls';
import { observedEvent, observeUnit } from './observe-unit';
import { observeWorkload, type WorkloadSources } from './observe-workload';
import { probing } from './probing';

export interface ObserverPorts {
  readonly context: HookContext;
  readonly tools: HookTools;
  readonly files: Files;
  readonly services: ServiceManager;
  readonly authority: CertificateAuthority;
  readonly sources: WorkloadSources;
  readonly paths: Paths;
  readonly clock: Clock;
  readonly pending: PendingWrites;
  readonly machine: { readonly hostname: string; readonly architecture: string };
  /** The probe with the certificates now on disk; null while there are none. */
  readonly probe: () => Promise<EtcdProbe | null>;
  readonly turnKey: string;
  /** 32 hex digits, random for this hook. */
  readonly entropy: string;
  /** Which release of the start gate this version of the charm brings. */
  readonly gateRelease: string;
  /** sha256 of the unit file that this version of the charm wants. */
  readonly wantedUnitFileHash: string;
}

/** Looks at the world in parallel, and keeps within the hook what no step has changed. */
export class Observer {
  private readonly ports: ObserverPorts;
  private readonly seen = new Map<Facet, Promise<unknown>>();
  /** Whether an action asked anew: it waits also for whom a survey does not wait for. */
  private insists = false;

  constructor(ports: ObserverPorts) {
    this.ports = ports;
  }

  /** To be called after each step. */
  forget(kind: StepKind): void {
    for (const facet of changedBy[kind]) {
      this.seen.delete(facet);
      if (facet === 'cluster') this.seen.delete('local');
    }
  }

  /** The world with etcd asked anew, for an action that waits until something is so. */
  lookAgain(): Promise<Observed> {
    this.seen.delete('cluster');
    this.seen.delete('local');
    this.insists = true;
    return this.observe();
  }

  /** Where the own member is asked, without looking at anything else. */
  async endpoint(): Promise<Url | null> {
    const { files, paths } = this.ports;
    return (await endpointOnDisk(files, paths)) ?? configuredEndpoint(await this.unit(), await this.config());
  }

  async observe(): Promise<Observed> {
    const { context, tools, files, services, authority, sources, paths, clock, pending } = this.ports;
    const leader = this.leader();
    const unit = this.unit();
    const config = this.config();
    const peers = this.once('peers', () => observePeers(context, tools, pending, leader));
    const memory = this.once('memory', () => observeMemory(tools));
    const patience: Patience = {
      sleep: (milliseconds) => clock.sleep(milliseconds),
      hopeless: async () => {
        if (this.insists) return false;
        const leads = await leader;
        return isLeftToSurvey(await peers, await memory, !leads.known || leads.value);
      },
    };
    const own = this.once('local', async () => observeLocal(await this.ports.probe(), await this.endpoint(), patience));
    const onDisk = this.once('disk', () => observeDisk(files, paths));
    const service = this.once('service', () => {
      const answers = own.then(({ known }) => known);
      return observeService(services, files, paths, this.ports.wantedUnitFileHash, answers);
    });
    const gate = this.once('gate', () => {
      const answers = own.then(({ known }) => known);
      return observeGate(files, paths, this.ports.gateRelease, answers);
    });
    const mirrored = this.once('mirror', async () => observeMirror(files, paths, await config));
    const backups = this.once('backup', () => observeBackup(files, paths));
    const event = observedEvent(context);
    const [
      facts,
      values,
      peerFacts,
      serviceFacts,
      gateFacts,
      mirror,
      configuration,
      standby,
      backup,
      certificateAuthority,
      clients,
      workload,
      tls,
      disk,
      space,
      cluster,
      former,
      remains,
      ports,
      remembered,
    ] = await Promise.all([
      unit,
      config,
      peers,
      service,
      gate,
      mirrored,
      this.once('configuration', async () =>
        observeConfiguration(files, paths, await config, await mirrored, await peers),
      ),
      this.once('standby', async () => observeStandby(tools, files, paths, await config)),
      backups,
      this.once('certificate-authority', () => observeCertificateAuthority(tools, authority, pending)),
      this.once('clients', () => observeClients(context, tools)),
      this.once('workload', async () => observeWorkload(sources, (await config)['channel'], files, paths)),
      this.once('tls', () => observeTls(files, paths)),
      onDisk,
      this.once('space', () => observeSpace(files, paths)),
      this.once('cluster', async () =>
        observeCluster({
          probe: await this.ports.probe(),
          local: await this.endpoint(),
          own,
          peers: () => peers,
          endpoints: async () => [...(await memory).endpoints, ...endpointsOf(await onDisk)],
          turnKey: this.ports.turnKey,
          patience,
        }),
      ),
      this.once('former', async () => observeFormer(await this.ports.probe(), event, await memory)),
      this.once('remains', async () => {
        // Told once: what is said already is not read again in every hook.
        if ((await memory).quorumLostSince === null || (await peers).own.value.remains !== null) return null;
        return observeRemains({ files, paths, own: await own, mirror: await mirrored, backup: await backups });
      }),
      this.once('ports', async () => (await tools.openedPorts()).map(({ range }) => formatPortRange(range))),
      memory,
    ]);
    const seen: Observed = {
      now: clock.now(),
      event,
      entropy: this.ports.entropy,
      paths: {
        dataDir: paths.data,
        caFile: paths.pki.ca,
        serverCertificateFile: paths.pki.serverCertificate,
        serverKeyFile: paths.pki.serverKey,
      },
      unit: facts,
      peers: peerFacts,
      certificateAuthority,
      clients,
      workload,
      tls,
      service: serviceFacts,
      gate: gateFacts,
      mirror,
      configuration,
      standby,
      backup,
      disk,
      space,
      cluster,
      former,
      remains,
      openedPorts: ports,
      config: values,
      memory: remembered,
    };
    // The disk is read while etcd is asked. A member makes its data before it says that it has started: what is missing still is gone.
    if (!startedWithoutData(seen)) return Object.freeze(seen);
    this.seen.delete('disk');
    return Object.freeze({ ...seen, disk: await this.once('disk', () => observeDisk(files, paths)) });
  }

  /**
   * Asked before any application bag is read, and once: bags are cached for the hook, so leadership learned later than an old bag
   * could write over another leader's decision.
   */
  private leader(): Promise<Probe<boolean>> {
    return this.once('leader', () => probing(() => this.ports.tools.isLeader()));
  }

  private unit(): Promise<UnitFacts> {
    const { context, tools, machine } = this.ports;
    return this.once('unit', async () => observeUnit(context, tools, machine, await this.leader()));
  }

  private config(): Promise<Observed['config']> {
    return this.once('config', () => this.ports.tools.configGet());
  }

  private once<T>(facet: Facet, look: () => Promise<T>): Promise<T> {
    const kept = this.seen.get(facet);
    if (kept !== undefined) return kept as Promise<T>;
    const looking = look();
    this.seen.set(facet, looking);
    return looking;
  }
}

/** Where a leaving unit wrote down that the others are. */
const endpointsOf = ({ marker }: DiskFacts): readonly Url[] => (marker.known ? (marker.value?.endpoints ?? []) : []);
