import { boolOption, stringOption } from '../format/option-parser';
import { readSettingsFile } from './settings-file';
import type { Tool } from './tool';
import { DeadFormatArgument, type KeyValue, parseKeyValues, RelationArgument } from './tool-arguments';
import { annotated, runError } from './tool-error';

export const relationSet: Tool = {
  name: 'relation-set',
  purpose: 'Set relation settings.',
  usage: '<key>=<value> [<key>=<value> ...]',
  start: (context) => {
    const format = new DeadFormatArgument('relation-set');
    const relation = new RelationArgument(context);
    let application = false;
    let file = '';
    let overrides: KeyValue[] = [];
    return {
      options: [
        format.option,
        relation.option,
        boolOption(['app'], (value) => (application = value)),
        stringOption(['file'], (value) => {
          file = value;
        }),
      ],
      init: (args) => {
        relation.required();
        overrides = parseKeyValues(args);
      },
      run: async (io) => {
        format.warn(io);
        const settings = new Map([...(await readSettingsFile(context, io, file)), ...overrides]);
        const target = relation.required();
        if (!application) return annotated('cannot read relation settings', target.writeOwnUnit([...settings]));
        const leader = await annotated('cannot determine leadership status', context.isLeader());
        if (!leader) throw runError('cannot write relation settings');
        return annotated('cannot read relation application settings', target.writeOwnApplication([...settings]));
      },
    };
  },
};
