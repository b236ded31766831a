import { quote } from '../format/go-quote';
import { StringList } from '../format/go-value';
import { UniterApiError } from './api-error';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError, usageError } from './tool-error';
import type { StorageAttachment } from './uniter-api';

const storageId = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*\/(?:0|[1-9][0-9]*)$/;

export const storageGet: Tool = {
  name: 'storage-get',
  purpose: 'Print information for the storage instance with the specified ID.',
  usage: '[<key>]',
  start: (context) => {
    const output = new OutputArgument(context);
    let attachment: StorageAttachment | undefined = context.storage?.attachment;
    let key = '';
    return {
      options: [
        ...output.options,
        {
          names: ['s'],
          isBool: false,
          set: async (value) => {
            if (!storageId.test(value)) return `invalid storage ID ${quote(value)}`;
            try {
              attachment = await context.storageAttachment(value);
              return undefined;
            } catch (error) {
              if (error instanceof UniterApiError) return error.message;
              throw error;
            }
          },
        },
      ],
      init: (args) => {
        if (attachment === undefined) throw usageError('no storage instance specified');
        key = args[0] ?? '';
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const values: Record<string, string> = { kind: attachment?.kind ?? '', location: attachment?.location ?? '' };
        if (key === '') return output.write(io, values);
        const value = values[key];
        if (value === undefined) throw runError(`invalid storage attribute ${quote(key)}`);
        return output.write(io, value);
      },
    };
  },
};

export const storageList: Tool = {
  name: 'storage-list',
  purpose: 'List storage attached to the unit.',
  usage: '[<storage-name>]',
  start: (context) => {
    const output = new OutputArgument(context);
    let name = '';
    return {
      options: output.options,
      init: (args) => {
        name = args[0] ?? '';
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const ids = await context.storageAttachmentIds();
        const shown = ids.filter((id) => name === '' || id.slice(0, id.lastIndexOf('/')) === name);
        return output.write(io, new StringList([...shown].sort()));
      },
    };
  },
};

/** Only a count may be given; pool and size are the deployer's. */
function parseCount(name: string, directive: string): number {
  const cannot = (why: string): Error => usageError(`cannot parse directive for storage ${quote(name)}: ${why}`);
  if (directive === '') throw cannot('storage directives require at least one field to be specified');
  const fields = directive.split(',');
  if (fields.length > 1 || !/^-?[0-9]+$/.test(directive)) {
    throw usageError(`only count can be specified for ${quote(name)}`);
  }
  const count = Number(directive);
  if (count <= 0) throw cannot(`parsing storage count: count must be greater than zero, got ${quote(directive)}`);
  return count;
}

export const storageAdd: Tool = {
  name: 'storage-add',
  purpose: 'Add storage instances.',
  usage: '<charm storage name>[=count] ...',
  start: (context) => {
    const wanted = new Map<string, number>();
    return {
      options: [],
      init: (args) => {
        if (args.length === 0) throw usageError('storage add requires a storage directive');
        for (const argument of args) {
          const equals = argument.indexOf('=');
          const name = equals < 0 ? argument : argument.slice(0, equals);
          if (name === '') throw usageError(`expected "name=directive" or "name", got ${quote(argument)}`);
          if (wanted.has(name)) throw usageError(`storage ${quote(name)} specified more than once`);
          wanted.set(name, equals < 0 ? 1 : parseCount(name, argument.slice(equals + 1)));
        }
      },
      run: async () => {
        for (const [name, count] of wanted) context.addedStorage.push({ name, count });
        return Promise.resolve();
      },
    };
  },
};
