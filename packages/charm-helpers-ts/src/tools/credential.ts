import { isRecord, recordOf, runJson, stringField } from './output';
import type { HookToolRunner } from './runner';

export interface CloudSpec {
  readonly type: string;
  readonly name: string;
  readonly region: string | null;
  readonly endpoint: string | null;
  readonly isControllerCloud: boolean;
  readonly credential: {
    readonly authType: string;
    /** Secret. */
    readonly attributes: Readonly<Record<string, string>>;
  } | null;
}

export interface CredentialTools {
  /** `credential-get`: only for applications deployed with `--trust`, else `permission-denied`. */
  credentialGet(): Promise<CloudSpec>;
}

export const credentialTools = (runner: HookToolRunner): CredentialTools => ({
  credentialGet: async () => {
    const spec = recordOf(await runJson(runner, 'credential-get', []));
    const credential = spec['credential'];
    const attributes = isRecord(credential) && isRecord(credential['attrs']) ? credential['attrs'] : {};
    return {
      type: stringField(spec, 'type') ?? '',
      name: stringField(spec, 'name') ?? '',
      region: stringField(spec, 'region'),
      endpoint: stringField(spec, 'endpoint'),
      isControllerCloud: spec['is-controller-cloud'] === true,
      credential: isRecord(credential)
        ? { authType: stringField(credential, 'auth-type') ?? '', attributes: attributes as Record<string, string> }
        : null,
    };
  },
});
