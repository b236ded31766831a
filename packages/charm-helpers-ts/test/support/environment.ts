/** What Juju sets for every hook. */
export const commonVariables = {
  JUJU_UNIT_NAME: 'app/0',
  JUJU_MODEL_NAME: 'default',
  JUJU_MODEL_UUID: 'deadbeef-0bad-400d-8000-4b1d0d06f00d',
  JUJU_MACHINE_ID: '3',
  JUJU_VERSION: '4.1-beta2',
  JUJU_CHARM_DIR: '/var/lib/juju/agents/unit-app-0/charm',
  JUJU_CONTEXT_ID: 'app/0-something-0123',
  JUJU_HOOK_NAME: '',
  JUJU_PRINCIPAL_UNIT: '',
  JUJU_AVAILABILITY_ZONE: '',
  JUJU_API_ADDRESSES: '10.0.0.1:17070 [2001:db8::1]:17070',
};

export const hookVariables = (hook: string, more: Record<string, string> = {}): Record<string, string> => ({
  ...commonVariables,
  JUJU_HOOK_NAME: hook,
  JUJU_DISPATCH_PATH: `hooks/${hook}`,
  ...more,
});
