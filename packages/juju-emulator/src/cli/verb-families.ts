import type { Registry } from './program';

/** A file of verbs, loaded only when one of its names is called: a command shall not pay for all the others. */
export interface VerbFamily {
  readonly names: readonly string[];
  readonly load: () => Promise<(registry: Registry) => void>;
}

/** Juju's verbs. The names are those that the files declare (a test compares). */
export const jujuFamilies: readonly VerbFamily[] = [
  { names: ['status', 'show-status'], load: async () => (await import('./verbs/status')).registerStatus },
  {
    names: ['add-model', 'switch', 'destroy-model'],
    load: async () => (await import('./verbs/model')).registerModelVerbs,
  },
  { names: ['deploy'], load: async () => (await import('./verbs/deploy')).registerDeploy },
  {
    names: ['refresh', 'upgrade-charm'],
    load: async () => (await import('./verbs/refresh')).registerRefresh,
  },
  {
    names: ['models', 'list-models', 'controllers', 'list-controllers', 'whoami', 'show-controller'],
    load: async () => (await import('./verbs/controllers')).registerControllerVerbs,
  },
  {
    names: ['model-config', 'get-model-config', 'set-model-config'],
    load: async () => (await import('./verbs/model-config')).registerModelConfig,
  },
  {
    names: [
      'constraints',
      'get-constraints',
      'set-constraints',
      'model-constraints',
      'get-model-constraints',
      'set-model-constraints',
    ],
    load: async () => (await import('./verbs/constraints')).registerConstraints,
  },
  { names: ['trust'], load: async () => (await import('./verbs/trust')).registerTrust },
  { names: ['wait-for'], load: async () => (await import('./verbs/wait-for')).registerWaitFor },
  { names: ['bind', 'scale-application'], load: async () => (await import('./verbs/bind')).registerBind },
  {
    names: ['show-status-log', 'status-history'],
    load: async () => (await import('./verbs/status-log')).registerStatusLog,
  },
  {
    names: ['add-unit', 'resolved', 'resolve'],
    load: async () => (await import('./verbs/units')).registerUnitVerbs,
  },
  {
    names: ['remove-unit', 'remove-application'],
    load: async () => (await import('./verbs/removal')).registerRemoval,
  },
  { names: ['expose', 'unexpose'], load: async () => (await import('./verbs/expose')).registerExpose },
  {
    names: ['integrate', 'relate', 'add-relation', 'remove-relation'],
    load: async () => (await import('./verbs/relations')).registerRelationVerbs,
  },
  {
    names: ['add-machine', 'remove-machine', 'machines', 'list-machines', 'show-machine'],
    load: async () => (await import('./verbs/machines')).registerMachineVerbs,
  },
  { names: ['config', 'set-config', 'get-config'], load: async () => (await import('./verbs/config')).registerConfig },
  { names: ['run'], load: async () => (await import('./verbs/run')).registerRun },
  { names: ['exec'], load: async () => (await import('./verbs/exec')).registerExec },
  {
    names: ['operations', 'list-operations', 'show-operation', 'show-task', 'cancel-task', 'cancel-action'],
    load: async () => (await import('./verbs/operations')).registerOperationVerbs,
  },
  {
    names: ['run-action', 'show-action-output', 'show-action-status', 'action'],
    load: async () => (await import('./verbs/legacy-actions')).registerLegacyActions,
  },
  { names: ['ssh', 'scp'], load: async () => (await import('./verbs/ssh')).registerSsh },
  { names: ['debug-log'], load: async () => (await import('./verbs/debug-log')).registerDebugLog },
  { names: ['show-unit'], load: async () => (await import('./verbs/show-unit')).registerShowUnit },
  {
    names: ['actions', 'list-actions', 'show-action'],
    load: async () => (await import('./verbs/actions')).registerActionVerbs,
  },
  {
    names: ['show-application'],
    load: async () => (await import('./verbs/show-application')).registerShowApplication,
  },
  {
    names: ['resources', 'list-resources', 'attach-resource', 'attach', 'charm-resources', 'list-charm-resources'],
    load: async () => (await import('./verbs/resources')).registerResourceVerbs,
  },
  {
    names: [
      'storage',
      'list-storage',
      'show-storage',
      'add-storage',
      'attach-storage',
      'detach-storage',
      'remove-storage',
    ],
    load: async () => (await import('./verbs/storage')).registerStorageVerbs,
  },
  {
    names: ['storage-pools', 'list-storage-pools', 'create-storage-pool', 'remove-storage-pool'],
    load: async () => (await import('./verbs/storage-pools')).registerStoragePoolVerbs,
  },
  { names: ['show-model'], load: async () => (await import('./verbs/show-model')).registerShowModel },
  {
    names: [
      'add-secret',
      'update-secret',
      'remove-secret',
      'grant-secret',
      'revoke-secret',
      'secrets',
      'list-secrets',
      'show-secret',
    ],
    load: async () => (await import('./verbs/secrets')).registerSecretVerbs,
  },
  { names: ['spaces', 'list-spaces'], load: async () => (await import('./verbs/spaces')).registerSpaceList },
  { names: ['version'], load: async () => (await import('./verbs/version')).registerVersion },
];

/** What only the emulator has. */
export const emulatorFamilies: readonly VerbFamily[] = [
  {
    names: ['replay'],
    load: async () => (await import('./verbs/replay')).registerReplay,
  },
  {
    names: ['clean', 'wait', 'tick', 'fault'],
    load: async () => (await import('./verbs/emulator')).registerEmulatorVerbs,
  },
  { names: ['advance'], load: async () => (await import('./verbs/advance')).registerAdvance },
  { names: ['verify'], load: async () => (await import('./verbs/verify')).registerVerify },
];
