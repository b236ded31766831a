import { quote } from '../format/go-quote';
import { agentFileReader, isEmptyData, requireSecretUri, SecretAttributeArguments } from './secret-arguments';
import { parseSecretData } from './secret-data';
import type { SecretAttributes } from './secret-changes';
import type { SecretUri } from './secret-uri';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError, usageError } from './tool-error';
import type { SecretContent } from './uniter-api';

export const secretAdd: Tool = {
  name: 'secret-add',
  purpose: 'Add a new secret.',
  usage: '[key[#base64|#file]=value...]',
  start: (context) => {
    const args = new SecretAttributeArguments(context);
    let data: SecretContent = {};
    let attributes: SecretAttributes = {};
    return {
      options: args.options,
      init: async (positional) => {
        if (positional.length === 0 && args.file === '') throw usageError('missing secret value or filename');
        attributes = args.attributes();
        data = await parseSecretData(positional, args.file, agentFileReader(context));
      },
      run: async (io) => {
        if (isEmptyData(data)) throw runError('empty secret value not valid');
        const owner =
          args.owner === 'unit'
            ? { kind: 'unit' as const, name: context.unit }
            : { kind: 'application' as const, name: context.application };
        io.stdout(`${await context.secrets.create(owner, data, attributes)}\n`);
      },
    };
  },
};

export const secretSet: Tool = {
  name: 'secret-set',
  purpose: 'Update an existing secret.',
  usage: '<ID> [key[#base64]=value...]',
  start: (context) => {
    const args = new SecretAttributeArguments(context);
    let uri: SecretUri | undefined;
    let data: SecretContent = {};
    let attributes: SecretAttributes = {};
    return {
      options: args.options,
      init: async (positional) => {
        uri = requireSecretUri(positional);
        attributes = args.attributes();
        data = await parseSecretData(positional.slice(1), args.file, agentFileReader(context));
      },
      run: async () => {
        if (uri !== undefined) await context.secrets.update(uri, isEmptyData(data) ? undefined : data, attributes);
      },
    };
  },
};

export const secretRemove: Tool = {
  name: 'secret-remove',
  purpose: 'Remove an existing secret.',
  usage: '<ID>',
  start: (context) => {
    let uri: SecretUri | undefined;
    let revision = 0;
    return {
      options: [
        {
          names: ['revision'],
          isBool: false,
          set: (value) => {
            if (!/^[-+]?\d+$/.test(value)) return `strconv.ParseInt: parsing ${quote(value)}: invalid syntax`;
            revision = Number(value);
            return undefined;
          },
        },
      ],
      init: (args) => {
        uri = requireSecretUri(args);
        checkEmpty(args.slice(1));
      },
      run: async () => {
        if (uri !== undefined) await context.secrets.remove(uri, revision > 0 ? revision : undefined);
      },
    };
  },
};
