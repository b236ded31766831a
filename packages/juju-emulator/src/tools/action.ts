import { fromJson, isGoMap, type GoValue } from '../format/go-value';
import { quote } from '../format/go-quote';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty, notRunningAction } from './tool-arguments';
import { usageError } from './tool-error';

const reservedKeys = new Set(['stdout', 'stderr', 'stdout-encoding', 'stderr-encoding']);
const keyPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const defaultFailure = 'action failed without reason given, check action for errors';

export const actionGet: Tool = {
  name: 'action-get',
  purpose: 'Get action parameters.',
  usage: '[<key>[.<key>.<key>...]]',
  start: (context) => {
    const output = new OutputArgument(context);
    let path: string[] = [];
    return {
      options: output.options,
      init: (args) => {
        path = args.length === 0 ? [] : (args[0] ?? '').split('.');
        checkEmpty(args.slice(1));
      },
      run: async (io) => {
        const { subject } = context.options;
        if (subject.kind !== 'action') throw notRunningAction();
        let value: GoValue = fromJson(subject.params);
        for (const key of path) value = isGoMap(value) ? (value[key] ?? null) : null;
        return output.write(io, value);
      },
    };
  },
};

export const actionSet: Tool = {
  name: 'action-set',
  purpose: 'Set action results.',
  usage: '<key>=<value> [<key>=<value> ...]',
  start: (context) => {
    const values: { path: string[]; value: string }[] = [];
    return {
      options: [],
      init: (args) => {
        for (const argument of args) {
          const equals = argument.indexOf('=');
          if (equals < 0) throw usageError(`argument ${quote(argument)} must be of the form key...=value`);
          const path = argument.slice(0, equals).split('.');
          for (const key of path) {
            if (reservedKeys.has(key)) throw usageError(`cannot set reserved action key ${quote(key)}`);
            if (!keyPattern.test(key)) {
              throw usageError(
                `key ${quote(key)} must start and end with lowercase alphanumeric, ` +
                  'and contain only lowercase alphanumeric and hyphens',
              );
            }
          }
          values.push({ path, value: argument.slice(equals + 1) });
        }
      },
      run: async () => {
        for (const { path, value } of values) {
          if (context.action === undefined) throw notRunningAction();
          context.action.set(path, value);
        }
        return Promise.resolve();
      },
    };
  },
};

export const actionFail: Tool = {
  name: 'action-fail',
  purpose: 'Set action fail status with message.',
  usage: '["<failure message>"]',
  start: (context) => {
    let message = defaultFailure;
    return {
      options: [],
      init: (args) => {
        message = args[0] ?? defaultFailure;
        checkEmpty(args.slice(1));
      },
      run: async () => {
        if (context.action === undefined) throw notRunningAction();
        context.action.fail(message);
        return Promise.resolve();
      },
    };
  },
};

export const actionLog: Tool = {
  name: 'action-log',
  purpose: 'Record a progress message for the current action.',
  usage: '<message>',
  start: (context) => {
    let message = '';
    return {
      options: [],
      init: (args) => {
        if (args.length === 0) throw usageError('no message specified');
        message = args.join(' ');
      },
      run: async () => {
        const { subject } = context.options;
        if (subject.kind !== 'action') throw notRunningAction();
        return context.api.logActionMessage(subject.id, message);
      },
    };
  },
};
