import { boolOption } from '../format/option-parser';
import type { Tool } from './tool';
import { checkEmpty } from './tool-arguments';
import { runError } from './tool-error';

export const jujuReboot: Tool = {
  name: 'juju-reboot',
  purpose: 'Reboot the host machine.',
  usage: '',
  start: (context) => {
    let now = false;
    return {
      options: [boolOption(['now'], (value) => (now = value))],
      init: checkEmpty,
      run: async () => {
        if (context.action !== undefined) throw runError('juju-reboot is not supported when running an action.');
        context.reboot = now ? 'now' : 'after-hook';
        if (now) context.killProcess?.();
        return Promise.resolve();
      },
    };
  },
};
