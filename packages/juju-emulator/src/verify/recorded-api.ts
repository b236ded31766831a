import { UniterApiError } from '../tools/api-error';
import type { PortRange } from '../tools/port-range';
import { applicationOfUnit } from '../tools/names';
import type {
  ActionOutcome,
  ContextFacts,
  HookChanges,
  NetworkInfo,
  ProxySettings,
  SecretMetadata,
  SecretQuery,
  StatusInfo,
  UniterApi,
} from '../tools/uniter-api';
import { RecordedCalls } from './recorded-calls';
import { RecordedSecrets } from './recorded-secrets';
import type { RecordedPorts, RecordedRelation, RecordedStatus, RecordedWorld } from './recorded-world';

function statusInfo({ status, info, data }: RecordedStatus): StatusInfo {
  return { status, message: info, data };
}

function proxy(settings: Readonly<Record<string, string>>): ProxySettings {
  return {
    http: settings['http-proxy'] ?? '',
    https: settings['https-proxy'] ?? '',
    ftp: settings['ftp-proxy'] ?? '',
    noProxy: settings['no-proxy'] ?? '',
  };
}

function portRange(ports: RecordedPorts): PortRange {
  return { protocol: ports.protocol, from: ports['from-port'], to: ports['to-port'] };
}

function refusal(operation: string, message: string): UniterApiError {
  return new UniterApiError('not-found', operation, message);
}

/** Answers a hook context from a recorded world, as the stand-in controller of the recordings did. */
export class RecordedApi implements UniterApi {
  readonly calls = new RecordedCalls();
  committed: HookChanges | undefined;
  finished: ActionOutcome | undefined;
  rebootRequested = false;
  private readonly secrets: RecordedSecrets;

  constructor(
    private readonly world: RecordedWorld,
    private readonly resourcesDir: string,
  ) {
    this.secrets = new RecordedSecrets(world, this.calls);
  }

  contextFacts(): Promise<ContextFacts> {
    const { world } = this;
    return Promise.resolve({
      unit: world.unit,
      modelName: world['model-name'],
      modelUuid: world['model-uuid'],
      machineId: world.machine,
      principalUnit: world.principal,
      availabilityZone: world.zone,
      apiAddresses: world['api-addresses'],
      agentVersion: '4.1-beta2',
      cloudApiVersion: world['cloud-api-version'],
      charmProxy: proxy(world['juju-proxy']),
      legacyProxy: proxy(world['legacy-proxy']),
      relations: world.relations.map((relation) => ({
        id: relation.id,
        endpoint: relation.endpoint,
        key: relation.key,
        life: relation.life,
        suspended: relation.suspended,
        otherApplication: relation['other-application'],
        otherModelUuid: relation['other-model-uuid'],
        members: relation.members,
      })),
      machinePorts: Object.fromEntries(
        Object.entries(world['opened-machine-ports']).map(([unit, byEndpoint]) => [
          unit,
          Object.fromEntries(Object.entries(byEndpoint).map(([name, ranges]) => [name, ranges.map(portRange)])),
        ]),
      ),
    });
  }

  isLeader(): Promise<boolean> {
    return Promise.resolve(this.world.leader);
  }

  async readSettings(relationId: number): Promise<Readonly<Record<string, string>>> {
    this.calls.read('Uniter.ReadSettings');
    return Promise.resolve(this.relation(relationId)['unit-settings'][this.world.unit] ?? {});
  }

  async readRemoteSettings(relationId: number, name: string): Promise<Readonly<Record<string, string>>> {
    this.calls.read('Uniter.ReadRemoteSettings');
    const relation = this.relation(relationId);
    const isUnit = applicationOfUnit(name) !== undefined;
    const settings = isUnit ? relation['unit-settings'][name] : relation['app-settings'][name];
    if (settings === undefined) {
      throw refusal('ReadRemoteSettings', `fake-api: unknown ${isUnit ? 'unit' : 'application'} ${name}`);
    }
    return Promise.resolve(settings);
  }

  async readLocalApplicationSettings(relationId: number): Promise<Readonly<Record<string, string>>> {
    this.calls.read('Uniter.ReadLocalApplicationSettings');
    if (!this.world.leader) throw new UniterApiError('not-leader', 'ReadLocalApplicationSettings', 'permission denied');
    const application = applicationOfUnit(this.world.unit) ?? '';
    return Promise.resolve(this.relation(relationId)['app-settings'][application] ?? {});
  }

  configSettings(): Promise<RecordedWorld['config']> {
    this.calls.read('Uniter.ConfigSettings');
    return Promise.resolve(this.world.config);
  }

  unitStatus(): Promise<StatusInfo> {
    this.calls.read('Uniter.UnitStatus');
    return Promise.resolve(statusInfo(this.world['unit-status']));
  }

  applicationStatus(): ReturnType<UniterApi['applicationStatus']> {
    this.calls.read('Uniter.Life');
    this.calls.read('Uniter.ApplicationStatus');
    const { application, units } = this.world['application-status'];
    return Promise.resolve({
      application: statusInfo(application),
      units: Object.fromEntries(Object.entries(units).map(([name, status]) => [name, statusInfo(status)])),
    });
  }

  charmState(): Promise<Readonly<Record<string, string>>> {
    this.calls.read('Uniter.State');
    return Promise.resolve(this.world['charm-state']);
  }

  networkInfo(binding: string, relationId: number | undefined): Promise<NetworkInfo | undefined> {
    this.calls.read('Uniter.NetworkInfo');
    const { networks } = this.world;
    const info = (relationId === undefined ? undefined : networks[`${binding}:${relationId}`]) ?? networks[binding];
    if (info === undefined || Object.keys(info).length === 0) return Promise.resolve(undefined);
    const egress = info['egress-subnets'];
    const ingress = info['ingress-addresses'];
    return Promise.resolve({
      bindAddresses: (info['bind-addresses'] ?? []).map((one) => ({
        macAddress: one['mac-address'],
        interfaceName: one['interface-name'],
        addresses: one.addresses,
      })),
      ...(egress === undefined ? {} : { egressSubnets: egress }),
      ...(ingress === undefined ? {} : { ingressAddresses: ingress }),
    });
  }

  publicAddress(): Promise<string> {
    this.calls.read('Uniter.PublicAddress');
    return Promise.resolve(this.world['public-address']);
  }

  goalState(): ReturnType<UniterApi['goalState']> {
    this.calls.read('Uniter.GoalStates');
    return Promise.resolve(this.world['goal-state']);
  }

  async cloudSpec(): ReturnType<UniterApi['cloudSpec']> {
    this.calls.read('Uniter.CloudSpec');
    const spec = this.world['cloud-spec'];
    if (spec === null) throw new UniterApiError('forbidden', 'CloudSpec', 'permission denied');
    const text = (name: string): string => (spec[name] as string | undefined) ?? '';
    const credential = spec['credential'] as {
      attrs: Record<string, string>;
      'auth-type': string;
      redacted?: string[];
    } | null;
    return Promise.resolve({
      type: text('type'),
      name: text('name'),
      region: text('region'),
      endpoint: text('endpoint'),
      identityEndpoint: text('identity-endpoint'),
      storageEndpoint: text('storage-endpoint'),
      credential:
        credential === null
          ? null
          : { authType: credential['auth-type'], attributes: credential.attrs, redacted: credential.redacted ?? [] },
      caCertificates: (spec['cacertificates'] as string[] | undefined) ?? [],
      skipTlsVerify: spec['skip-tls-verify'] === true,
      isControllerCloud: spec['is-controller-cloud'] === true,
    });
  }

  unitStorageAttachments(): Promise<readonly string[]> {
    this.calls.read('Uniter.UnitStorageAttachments');
    return Promise.resolve(this.world.storage.map((storage) => storage.id));
  }

  async storageAttachment(id: string): ReturnType<UniterApi['storageAttachment']> {
    this.calls.read('Uniter.StorageAttachments');
    const storage = this.world.storage.find((one) => one.id === id);
    if (storage === undefined) throw refusal('StorageAttachments', 'fake-api: storage attachment not found');
    if (storage.unprovisioned) {
      throw new UniterApiError('not-provisioned', 'StorageAttachments', 'fake-api: storage not provisioned');
    }
    return Promise.resolve(storage);
  }

  async downloadResource(name: string): Promise<string> {
    const resource = this.world.resources[name];
    if (resource === undefined) {
      throw refusal('resource', `HTTP request failed: fake-api: resource "${name}" not found`);
    }
    // The agent keeps a resource's file without a path under the resource's directory alone.
    return Promise.resolve(resource.path === '' ? this.resourcesDir : `${this.resourcesDir}/${resource.path}`);
  }

  secretMetadata(): Promise<readonly SecretMetadata[]> {
    return this.secrets.metadata();
  }

  secretContent(query: SecretQuery): Promise<Record<string, string>> {
    return this.secrets.content(query);
  }

  createSecretUris(count: number): Promise<readonly string[]> {
    return this.secrets.createUris(count);
  }

  setUnitStatus(status: string, message: string): Promise<void> {
    return this.calls.record('Uniter.SetUnitStatus', { entities: [{ tag: this.unitTag, status, info: message }] });
  }

  setApplicationStatus(status: string, message: string): Promise<void> {
    this.calls.read('Uniter.Life');
    return this.calls.record('Uniter.SetApplicationStatus', {
      entities: [{ tag: this.unitTag, status, info: message }],
    });
  }

  setWorkloadVersion(version: string): Promise<void> {
    return this.calls.record('Uniter.SetWorkloadVersion', {
      entities: [{ tag: this.unitTag, 'workload-version': version }],
    });
  }

  logActionMessage(actionId: string, message: string): Promise<void> {
    return this.calls.record('Uniter.LogActionsMessages', {
      messages: [{ tag: `action-${actionId}`, value: message }],
    });
  }

  async requestReboot(): Promise<void> {
    this.rebootRequested = true;
    await this.calls.record('Uniter.SetAgentStatus', {
      entities: [{ tag: this.unitTag, status: 'rebooting', info: '' }],
    });
    await this.calls.record('Uniter.RequestReboot', { entities: [{ tag: `machine-${this.world.machine}` }] });
  }

  finishAction(_actionId: string, outcome: ActionOutcome): Promise<void> {
    this.finished = outcome;
    return Promise.resolve();
  }

  commitHookChanges(changes: HookChanges): Promise<void> {
    this.committed = changes;
    return Promise.resolve();
  }

  private get unitTag(): string {
    return `unit-${this.world.unit.replace('/', '-')}`;
  }

  private relation(id: number): RecordedRelation {
    const relation = this.world.relations.find((one) => one.id === id);
    if (relation === undefined) throw refusal('relation', `fake-api: unknown relation ${id}`);
    return relation;
  }
}
