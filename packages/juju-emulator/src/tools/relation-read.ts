import { quote } from '../format/go-quote';
import { StringList } from '../format/go-value';
import { boolOption } from '../format/option-parser';
import { applicationOfUnit, isApplicationName } from './names';
import { OutputArgument } from './output-argument';
import type { Tool } from './tool';
import { checkEmpty, RelationArgument } from './tool-arguments';
import { runError, usageError } from './tool-error';
import type { Settings } from './uniter-api';

export const relationIds: Tool = {
  name: 'relation-ids',
  purpose: 'List all relation IDs for the given endpoint.',
  usage: '<name>',
  start: (context) => {
    const output = new OutputArgument(context);
    let name: string | undefined = context.relation?.facts.endpoint;
    return {
      options: output.options,
      init: (args) => {
        name = args[0] ?? name;
        if (name === undefined) throw usageError('no endpoint name specified');
        checkEmpty(args.slice(1));
      },
      run: (io) => {
        const ids = [...context.relations.values()]
          .filter((relation) => relation.facts.endpoint === name && relation.isListed)
          .map((relation) => relation.fakeId);
        return output.write(io, new StringList(ids.sort()));
      },
    };
  },
};

export const relationList: Tool = {
  name: 'relation-list',
  purpose: 'List relation units.',
  usage: '[-r <relation-id>] [--app]',
  start: (context) => {
    const output = new OutputArgument(context);
    const relation = new RelationArgument(context);
    let application = false;
    return {
      options: [...output.options, relation.option, boolOption(['app'], (value) => (application = value))],
      init: (args) => {
        relation.required();
        checkEmpty(args);
      },
      run: (io) => {
        const { facts, memberNames } = relation.required();
        return output.write(io, application ? facts.otherApplication : new StringList(memberNames));
      },
    };
  },
};

export const relationModelGet: Tool = {
  name: 'relation-model-get',
  purpose: 'Get details about the model hosting a related application.',
  usage: '[-r <relation-id>]',
  start: (context) => {
    const output = new OutputArgument(context);
    const relation = new RelationArgument(context);
    return {
      options: [...output.options, relation.option],
      init: (args) => {
        relation.required();
        checkEmpty(args);
      },
      run: (io) => output.write(io, { uuid: relation.required().facts.otherModelUuid }),
    };
  },
};

export const relationGet: Tool = {
  name: 'relation-get',
  purpose: 'Get relation settings.',
  usage: '<key> <unit id>',
  start: (context) => {
    const output = new OutputArgument(context);
    const relation = new RelationArgument(context);
    let application = false;
    let key = '';
    let name = '';

    /** Whose bag: the one named, else the remote unit's, else the remote application's. */
    const chooseTarget = (given: string | undefined): void => {
      if (given === undefined) {
        if (!application && context.remoteUnit !== '') name = context.remoteUnit;
        else {
          name = context.remoteApplication;
          application = true;
        }
        if (name === '') throw usageError('no unit or application specified');
      } else if (application) {
        // An impossible name is found out only when it is used, and then it is already lost.
        name = applicationOfUnit(given) ?? (isApplicationName(given) ? given : '');
      } else {
        if (isApplicationName(given)) {
          throw usageError(`expected unit name, got application name ${quote(given)}`);
        }
        if (applicationOfUnit(given) === undefined) throw usageError(`invalid unit name ${quote(given)}`);
        name = given;
      }
    };

    const read = async (): Promise<Settings> => {
      const target = relation.required();
      if (application) {
        if (name === '') throw runError('"" is not a valid unit or application');
        if (name === context.application && (await context.isLeader())) return target.readOwnApplication();
        return target.readApplication(name);
      }
      return name === context.unit ? target.readOwnUnit() : target.readUnit(name);
    };

    return {
      options: [...output.options, relation.option, boolOption(['app'], (value) => (application = value))],
      init: (args) => {
        relation.required();
        key = args[0] === '-' ? '' : (args[0] ?? '');
        chooseTarget(args[1]);
        checkEmpty(args.slice(2));
      },
      run: async (io) => {
        const settings = await read();
        return output.write(io, key === '' ? settings : (settings[key] ?? null));
      },
    };
  },
};
