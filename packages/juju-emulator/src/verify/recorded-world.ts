import { contentChecksum } from '../tools/secret-changes';
import { parseSecretUri } from '../tools/secret-uri';
import type { PortRange } from '../tools/port-range';
import type { ContextSubject } from '../tools/context-subject';

/** One world of worlds.json: what the stand-in controller of the recordings answered from. */
export interface RecordedWorld {
  readonly 'api-addresses': readonly string[];
  readonly 'application-status': {
    readonly application: RecordedStatus;
    readonly units: Readonly<Record<string, RecordedStatus>>;
  };
  readonly 'charm-state': Readonly<Record<string, string>>;
  readonly 'cloud-api-version': string;
  readonly 'cloud-spec': Readonly<Record<string, unknown>> | null;
  readonly config: Readonly<Record<string, string | number | boolean | null>>;
  readonly 'goal-state': {
    readonly units: Readonly<Record<string, { readonly status: string; readonly since: string | null }>>;
    readonly relations: Readonly<
      Record<string, Readonly<Record<string, { readonly status: string; readonly since: string | null }>>>
    >;
  };
  readonly 'juju-proxy': Readonly<Record<string, string>>;
  readonly leader: boolean;
  readonly 'legacy-proxy': Readonly<Record<string, string>>;
  readonly machine: string;
  readonly 'model-name': string;
  readonly 'model-uuid': string;
  readonly networks: Readonly<Record<string, RecordedNetwork>>;
  readonly 'new-secret-ids': readonly string[];
  readonly 'opened-machine-ports': Readonly<Record<string, Readonly<Record<string, readonly RecordedPorts[]>>>>;
  readonly principal: string;
  readonly 'private-address': string | null;
  readonly 'public-address': string;
  readonly relations: readonly RecordedRelation[];
  readonly resources: Readonly<
    Record<string, { readonly content: string; readonly error: string; readonly path: string }>
  >;
  readonly secrets: readonly RecordedSecret[];
  readonly storage: readonly {
    readonly id: string;
    readonly kind: 'filesystem' | 'block';
    readonly location: string;
    readonly unprovisioned: boolean;
  }[];
  readonly unit: string;
  readonly 'unit-status': RecordedStatus;
  readonly zone: string;
}

export interface RecordedStatus {
  readonly status: string;
  readonly info: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RecordedNetwork {
  readonly 'bind-addresses'?: readonly {
    readonly 'mac-address': string;
    readonly 'interface-name': string;
    readonly addresses: readonly { readonly hostname: string; readonly value: string; readonly cidr: string }[];
  }[];
  readonly 'egress-subnets'?: readonly string[];
  readonly 'ingress-addresses'?: readonly string[];
}

export interface RecordedPorts {
  readonly 'from-port': number;
  readonly 'to-port': number;
  readonly protocol: PortRange['protocol'];
}

export interface RecordedRelation {
  readonly id: number;
  readonly endpoint: string;
  readonly key: string;
  readonly life: 'alive' | 'dying' | 'dead';
  readonly suspended: boolean;
  readonly 'other-application': string;
  readonly 'other-model-uuid': string;
  readonly members: readonly string[];
  readonly 'app-settings': Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly 'unit-settings': Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface RecordedSecret {
  readonly uri: string;
  readonly owned: boolean;
  readonly denied: boolean;
  readonly label: string;
  readonly 'consumer-label'?: string;
  readonly description: string;
  readonly 'owner-tag': string;
  readonly 'rotate-policy': string;
  readonly 'latest-revision': number;
  readonly 'tracked-revision': number;
  readonly 'expire-time': string | null;
  readonly 'next-rotate-time': string | null;
  readonly contents: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly access: readonly {
    readonly role: string;
    readonly 'scope-tag': string;
    readonly 'target-tag': string;
  }[];
}

/** The context of a recording, in its own spelling. */
export interface RecordedContext {
  readonly kind: 'lifecycle' | 'relation' | 'storage' | 'secret' | 'workload' | 'action' | 'none';
  readonly hook?: string;
  readonly 'relation-id'?: number;
  readonly 'remote-unit'?: string;
  readonly 'remote-application'?: string;
  readonly 'departing-unit'?: string;
  readonly 'force-remote-unit'?: boolean;
  readonly 'storage-id'?: string;
  readonly 'secret-uri'?: string;
  readonly 'secret-label'?: string;
  readonly 'secret-revision'?: number;
  readonly workload?: string;
  readonly 'action-name'?: string;
  readonly 'action-id'?: string;
  readonly 'action-params'?: Readonly<Record<string, unknown>>;
}

export function subjectOf(context: RecordedContext): ContextSubject {
  const hook = context.hook ?? '';
  const relationId = context['relation-id'];
  switch (context.kind) {
    case 'lifecycle':
      return { kind: 'lifecycle', hook };
    case 'relation': {
      const departingUnit = context['departing-unit'];
      return {
        kind: 'relation',
        hook,
        relationId: relationId ?? -1,
        remoteUnit: context['remote-unit'] ?? '',
        remoteApplication: context['remote-application'] ?? '',
        ...(departingUnit === undefined ? {} : { departingUnit }),
      };
    }
    case 'storage':
      return {
        kind: 'storage',
        hook: hook === 'storage-detaching' ? hook : 'storage-attached',
        storageId: context['storage-id'] ?? '',
      };
    case 'secret': {
      const label = context['secret-label'];
      const revision = context['secret-revision'];
      return {
        kind: 'secret',
        hook,
        uri: context['secret-uri'] ?? '',
        ...(label === undefined ? {} : { label }),
        ...(revision === undefined ? {} : { revision }),
      };
    }
    case 'workload':
      return { kind: 'workload', hook, workload: context.workload ?? '' };
    case 'action':
      return {
        kind: 'action',
        name: context['action-name'] ?? '',
        id: context['action-id'] ?? '',
        params: context['action-params'] ?? {},
      };
    case 'none': {
      const remoteUnit = context['remote-unit'];
      return {
        kind: 'exec',
        ...(relationId === undefined ? {} : { relationId }),
        ...(remoteUnit === undefined ? {} : { remoteUnit }),
        forceRemoteUnit: context['force-remote-unit'] ?? false,
      };
    }
  }
}

export function secretId(uri: string): string {
  return parseSecretUri(uri)?.id ?? uri;
}

export function encodeContent(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

export function latestChecksum(secret: RecordedSecret): string {
  return contentChecksum(encodeContent(secret.contents[String(secret['latest-revision'])] ?? {}));
}
