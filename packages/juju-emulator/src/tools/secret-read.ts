import { quote } from '../format/go-quote';
import { type GoValue, StringList, Struct, Timestamp } from '../format/go-value';
import { boolOption, stringOption } from '../format/option-parser';
import { OutputArgument } from './output-argument';
import { secretUriOf } from './secret-arguments';
import type { SecretUri } from './secret-uri';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError, usageError } from './tool-error';
import type { SecretMetadata } from './uniter-api';

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

export const secretGet: Tool = {
  name: 'secret-get',
  purpose: 'Get the content of a secret.',
  usage: '<ID> [key[#base64]]',
  start: (context) => {
    const output = new OutputArgument(context, ['yaml', 'json']);
    let label = '';
    let peek = false;
    let refresh = false;
    let uri: SecretUri | undefined;
    let key = '';
    return {
      options: [
        ...output.options,
        stringOption(['label'], (value) => void (label = value)),
        boolOption(['peek'], (value) => (peek = value)),
        boolOption(['refresh'], (value) => (refresh = value)),
      ],
      init: (args) => {
        if (args.length === 0 && label === '') throw usageError('require either a secret URI or label');
        if (args[0] !== undefined) uri = secretUriOf(args[0]);
        if (peek && refresh) throw usageError('specify one of --peek or --refresh but not both');
        key = args[1] ?? '';
        checkEmpty(args.slice(2));
      },
      run: async (io) => {
        const content = await context.secrets.read(uri, label, { refresh, peek });
        if (key === '') {
          const values = Object.entries(content).map(([name, value]) => [name, decode(value)]);
          return output.write(io, Object.fromEntries(values) as Record<string, string>);
        }
        const base64 = key.endsWith('#base64');
        const name = base64 ? key.slice(0, -'#base64'.length) : key;
        const value = content[name];
        if (value === undefined) throw runError(`secret key value ${quote(name)} not found`);
        return output.write(io, base64 ? value : decode(value));
      },
    };
  },
};

export const secretIds: Tool = {
  name: 'secret-ids',
  purpose: 'Print secret IDs.',
  usage: '',
  start: (context) => {
    const output = new OutputArgument(context);
    return {
      options: output.options,
      init: checkEmpty,
      run: async (io) => {
        const ids = [...(await context.secrets.owned()).keys()];
        return output.write(io, new StringList(ids.length === 0 ? null : ids));
      },
    };
  },
};

function describe(secret: SecretMetadata): Struct {
  const text = (name: string, value: string): (readonly [string, GoValue])[] => (value === '' ? [] : [[name, value]]);
  const time = (name: string, value: string | null): (readonly [string, GoValue])[] =>
    value === null ? [] : [[name, new Timestamp(value)]];
  const access = secret.access.map(
    ({ target, scope, role }) =>
      new Struct([
        ['target', target],
        ['scope', scope],
        ['role', role],
      ]),
  );
  return new Struct([
    ['revision', BigInt(secret.latestRevision)],
    ['label', secret.label],
    ['owner', secret.owner.kind],
    ...text('description', secret.description),
    ...text('rotation', secret.rotatePolicy),
    ...time('expiry', secret.expireTime),
    ...time('rotates', secret.nextRotateTime),
    ...(access.length === 0 ? [] : [['access', access] as const]),
  ]);
}

export const secretInfoGet: Tool = {
  name: 'secret-info-get',
  purpose: "Get a secret's metadata info.",
  usage: '<ID>',
  start: (context) => {
    const output = new OutputArgument(context, ['yaml', 'json']);
    let label = '';
    let uri: SecretUri | undefined;
    return {
      options: [...output.options, stringOption(['label'], (value) => void (label = value))],
      init: (args) => {
        if (args.length === 0 && label === '') throw usageError('require either a secret URI or label');
        if (args.length > 0 && label !== '') throw usageError('specify either a secret URI or label but not both');
        if (args[0] !== undefined) uri = secretUriOf(args[0]);
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const owned = await context.secrets.owned();
        const found =
          uri === undefined ? [...owned.values()].find((secret) => secret.label === label) : owned.get(uri.id);
        if (found === undefined) throw runError(`secret ${quote(uri?.id ?? label)} not found`);
        return output.write(io, { [found.id]: describe(found) });
      },
    };
  },
};
