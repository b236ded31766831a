import { CliError } from '../../src/cli/cli-error';
import { parseFault } from '../../src/cli/verbs/fault';

describe('juju-emulator fault', () => {
  it.each([
    [
      'kill etc/0 install 3 after with-agent',
      { what: 'arm', fault: { kind: 'kill', unit: 'etc/0', hook: 'install', call: 3, when: 'after', withAgent: true } },
    ],
    [
      'kill-after a/0 start 200ms',
      { what: 'arm', fault: { kind: 'kill-after', unit: 'a/0', hook: 'start', milliseconds: 200, withAgent: false } },
    ],
    ['cut-link 0', { what: 'cut-link', machine: '0', direction: 'both' }],
    ['cut-link 0 in 2', { what: 'cut-link', machine: '0', direction: 'in', peer: '2' }],
    ['mend-link 0', { what: 'mend-link', machine: '0' }],
    ['limit-bandwidth 1 2.5mbit', { what: 'limit-bandwidth', machine: '1', bitsPerSecond: 2_500_000 }],
    ['limit-bandwidth 1 none', { what: 'limit-bandwidth', machine: '1' }],
    ['fill-disk 1 /srv 4096', { what: 'fill-disk', machine: '1', path: '/srv', leaveBytes: 4096 }],
    ['hold a/0', { what: 'hold', unit: 'a/0' }],
    ['clear', { what: 'clear' }],
  ])('%s', (line, request) => {
    const [what = '', ...rest] = line.split(' ');
    expect(parseFault(what, rest)).toEqual(request);
  });

  it.each([
    'kill a/0 start',
    'kill-after a/0 start',
    'cut-link',
    'cut-link 0 sideways',
    'limit-bandwidth 0 fast',
    'fill-disk 0 srv',
    'nap 0',
  ])('refuses %s', (line) => {
    const [what = '', ...rest] = line.split(' ');
    expect(() => parseFault(what, rest)).toThrow(CliError);
  });
});
