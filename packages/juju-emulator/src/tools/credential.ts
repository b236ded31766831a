import { type GoValue, NilMap, StringList, Struct } from '../format/go-value';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { annotated } from './tool-error';
import type { CloudSpec } from './uniter-api';

type Field = readonly [string, GoValue];

/** json omits what is empty and has tags; yaml shows all fields under their lower-cased Go names. */
function describeJson(spec: CloudSpec): Struct {
  const text = (name: string, value: string): Field[] => (value === '' ? [] : [[name, value]]);
  const flag = (name: string, value: boolean): Field[] => (value ? [[name, true]] : []);
  const list = (name: string, items: readonly string[]): Field[] =>
    items.length === 0 ? [] : [[name, new StringList(items)]];
  const { credential } = spec;
  return new Struct([
    ['type', spec.type],
    ['name', spec.name],
    ...text('region', spec.region),
    ...text('endpoint', spec.endpoint),
    ...text('identity-endpoint', spec.identityEndpoint),
    ...text('storage-endpoint', spec.storageEndpoint),
    ...(credential === null
      ? []
      : [
          [
            'credential',
            new Struct([
              ['auth-type', credential.authType],
              ...(Object.keys(credential.attributes).length === 0 ? [] : [['attrs', credential.attributes] as const]),
              ...list('redacted', credential.redacted),
            ]),
          ] as const,
        ]),
    ...list('cacertificates', spec.caCertificates),
    ...flag('skip-tls-verify', spec.skipTlsVerify),
    ...flag('is-controller-cloud', spec.isControllerCloud),
  ]);
}

function describeYaml(spec: CloudSpec): Struct {
  const { credential } = spec;
  return new Struct([
    ['type', spec.type],
    ['name', spec.name],
    ['region', spec.region],
    ['endpoint', spec.endpoint],
    ['identityendpoint', spec.identityEndpoint],
    ['storageendpoint', spec.storageEndpoint],
    [
      'credential',
      credential === null
        ? null
        : new Struct([
            ['authtype', credential.authType],
            ['attributes', Object.keys(credential.attributes).length === 0 ? new NilMap() : credential.attributes],
            ['redacted', new StringList(credential.redacted)],
          ]),
    ],
    ['cacertificates', new StringList(spec.caCertificates)],
    ['skiptlsverify', spec.skipTlsVerify],
    ['iscontrollercloud', spec.isControllerCloud],
  ]);
}

export const credentialGet: Tool = {
  name: 'credential-get',
  purpose: 'Access cloud credentials.',
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context);
    return {
      options: output.options,
      init: checkEmpty,
      run: async (io) => {
        const spec = await annotated('cannot access cloud credentials', context.cloudSpec());
        return output.write(io, output.format === 'json' ? describeJson(spec) : describeYaml(spec));
      },
    };
  },
};
