import { fromJson, type GoMap } from '../format/go-value';
import { quote } from '../format/go-quote';
import { boolOption } from '../format/option-parser';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { annotated, runError, usageError } from './tool-error';
import type { StatusInfo } from './uniter-api';

const settable = ['maintenance', 'blocked', 'waiting', 'active'];

export const statusSet: Tool = {
  name: 'status-set',
  purpose: 'Set status information.',
  usage: '<maintenance | blocked | waiting | active> [message]',
  start: (context) => {
    let application = false;
    let status = '';
    let message = '';
    return {
      options: [boolOption(['application'], (value) => (application = value))],
      init: (args) => {
        if (args.length === 0) throw usageError('invalid args, require <status> [message]');
        [status = '', message = ''] = args;
        if (!settable.includes(status)) {
          throw usageError(`invalid status ${quote(status)}, expected one of [${settable.join(' ')}]`);
        }
        checkEmpty(args.slice(2));
      },
      run: async () => {
        if (!application) return context.api.setUnitStatus(status, message);
        await context.requireLeader();
        return context.api.setApplicationStatus(status, message);
      },
    };
  },
};

export const statusGet: Tool = {
  name: 'status-get',
  purpose: 'Print status information.',
  usage: '[--include-data] [--application]',
  start: (context) => {
    const output = new OutputArgument(context);
    let includeData = false;
    let application = false;
    const describe = (info: StatusInfo): GoMap =>
      includeData
        ? { status: info.status, message: info.message, 'status-data': fromJson(info.data) }
        : { status: info.status };
    return {
      options: [
        ...output.options,
        boolOption(['include-data'], (value) => (includeData = value)),
        boolOption(['application'], (value) => (application = value)),
      ],
      init: checkEmpty,
      run: async (io) => {
        const bare = !includeData && output.format === 'smart';
        if (!application) {
          const info = await annotated('finding workload status', context.unitStatus());
          return output.write(io, bare ? info.status : describe(info));
        }
        if (!(await context.isLeader())) throw runError('finding application status: this unit is not the leader');
        const info = await annotated('finding application status', context.api.applicationStatus());
        if (bare) return output.write(io, info.application.status);
        const units = Object.fromEntries(Object.entries(info.units).map(([unit, status]) => [unit, describe(status)]));
        return output.write(io, { 'application-status': { ...describe(info.application), units } });
      },
    };
  },
};
