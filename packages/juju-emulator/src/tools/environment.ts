import { executionName } from './context-id';
import type { HookContext } from './hook-context';
import { parseSecretUri } from './secret-uri';

/** Paths as the hook's process sees them. */
export interface UnitPaths {
  readonly charmDir: string;
  readonly toolsDir: string;
  readonly socket: string;
}

/** Which of Juju's environments to build; 3.6 and 2.9 still know the legacy variables. */
export type EnvironmentDialect = '4' | '3.6' | '2.9';

function pairs(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}

/** Set only where the model has a legacy proxy. */
function legacyProxyVariables({ facts }: HookContext): string[] {
  const { http, https, ftp, noProxy } = facts.legacyProxy;
  return Object.entries({ http_proxy: http, https_proxy: https, ftp_proxy: ftp, no_proxy: noProxy })
    .filter(([, value]) => value !== '')
    .flatMap(([name, value]) => [`${name}=${value}`, `${name.toUpperCase()}=${value}`]);
}

async function subjectVariables(context: HookContext): Promise<string[]> {
  const { subject } = context.options;
  const relation =
    context.relation === undefined
      ? {}
      : {
          JUJU_RELATION: context.relation.facts.endpoint,
          JUJU_RELATION_ID: context.relation.fakeId,
          JUJU_REMOTE_UNIT: context.remoteUnit,
          JUJU_REMOTE_APP: context.remoteApplication,
        };
  switch (subject.kind) {
    case 'relation':
      return pairs({
        ...relation,
        ...(subject.departingUnit === undefined ? {} : { JUJU_DEPARTING_UNIT: subject.departingUnit }),
      });
    case 'exec':
      return pairs(relation);
    case 'storage':
      return pairs({
        JUJU_STORAGE_ID: subject.storageId,
        JUJU_STORAGE_LOCATION: context.storage?.attachment.location ?? '',
        JUJU_STORAGE_KIND: context.storage?.attachment.kind ?? '',
      });
    case 'secret': {
      const uri = parseSecretUri(subject.uri);
      const label = subject.label ?? (await context.secrets.owned()).get(uri?.id ?? '')?.label ?? '';
      return pairs({
        JUJU_SECRET_ID: subject.uri,
        JUJU_SECRET_LABEL: label,
        ...(subject.revision === undefined ? {} : { JUJU_SECRET_REVISION: String(subject.revision) }),
      });
    }
    case 'workload':
      return pairs({ JUJU_WORKLOAD_NAME: subject.workload });
    case 'action':
      return pairs({
        JUJU_ACTION_NAME: subject.name,
        JUJU_ACTION_UUID: subject.id,
        JUJU_ACTION_TAG: `action-${subject.id}`,
      });
    case 'lifecycle':
      return [];
  }
}

/**
 * The environment of an execution, exactly and in the agent's order, as `NAME=value` (juju.md section 2).
 * `hostEnvironment` is the agent's own: only its PATH and KUBERNETES_* go in. JUJU_DISPATCH_PATH is the runner's.
 */
export async function buildEnvironment(
  context: HookContext,
  paths: UnitPaths,
  hostEnvironment: Readonly<Record<string, string | undefined>>,
  dialect: EnvironmentDialect = '4',
): Promise<string[]> {
  const { facts, options } = context;
  const { kind } = options.subject;
  const hookName =
    kind === 'action' || kind === 'exec' ? '' : executionName(options.subject, context.relation?.facts.endpoint ?? '');
  const kubernetes = Object.entries(hostEnvironment).filter(([name]) => name.startsWith('KUBERNETES_'));
  return [
    ...legacyProxyVariables(context),
    ...pairs({
      CHARM_DIR: paths.charmDir,
      JUJU_CHARM_DIR: paths.charmDir,
      JUJU_CONTEXT_ID: options.contextId,
      JUJU_HOOK_NAME: hookName,
      JUJU_AGENT_SOCKET_ADDRESS: paths.socket,
      JUJU_AGENT_SOCKET_NETWORK: 'unix',
      JUJU_UNIT_NAME: facts.unit,
      JUJU_MODEL_UUID: facts.modelUuid,
      JUJU_MODEL_NAME: facts.modelName,
      JUJU_API_ADDRESSES: facts.apiAddresses.join(' '),
      ...(dialect === '4' ? {} : { JUJU_SLA: 'unsupported' }),
      JUJU_MACHINE_ID: facts.machineId,
      JUJU_PRINCIPAL_UNIT: facts.principalUnit,
      JUJU_AVAILABILITY_ZONE: facts.availabilityZone,
      JUJU_VERSION: facts.agentVersion,
      CLOUD_API_VERSION: facts.cloudApiVersion,
      JUJU_CHARM_HTTP_PROXY: facts.charmProxy.http,
      JUJU_CHARM_HTTPS_PROXY: facts.charmProxy.https,
      JUJU_CHARM_FTP_PROXY: facts.charmProxy.ftp,
      JUJU_CHARM_NO_PROXY: facts.charmProxy.noProxy,
      ...(dialect === '4'
        ? { JUJU_CHARM_TRACE_CONFIG_HTTP: '', JUJU_CHARM_TRACE_CONFIG_GRPC: '', JUJU_CHARM_TRACE_CONFIG_CA_CERT: '' }
        : { JUJU_METER_STATUS: 'AMBER', JUJU_METER_INFO: 'not set' }),
    }),
    ...(await subjectVariables(context)),
    'APT_LISTCHANGES_FRONTEND=none',
    'DEBIAN_FRONTEND=noninteractive',
    'LANG=C.UTF-8',
    'TERM=tmux-256color',
    `PATH=${paths.toolsDir}:${hostEnvironment['PATH'] ?? ''}`,
    ...kubernetes.map(([name, value]) => `${name}=${value ?? ''}`),
  ];
}
