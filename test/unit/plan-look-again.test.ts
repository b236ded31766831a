import { unknown } from '../../src/domain/probe';
import { diskSilent, given, inCluster, noAnswer, table, withDisk, withService } from './a-situation';

table('look-again', [
  ['all is known', () => inCluster(3, 1), []],
  ["etcd's silence is looked after by those who ask it", () => given(inCluster(3, 1), noAnswer), []],
  [
    'whether it leads is not known: the founding may wait for it',
    () => ({ ...inCluster(3), unit: { ...inCluster(3).unit, isLeader: unknown('is-leader failed') } }),
    ['wake-later', 'wait to know whether it leads'],
  ],
  [
    'its disk gives no answer',
    () => given(inCluster(3, 1), diskSilent),
    ['wake-later', 'wait to know what is on its disk'],
  ],
  [
    'the marker cannot be read',
    () => given(inCluster(3, 1), withDisk({ marker: unknown('EIO') })),
    ['wake-later', 'wait to know what is on its disk'],
  ],
  [
    'systemd gives no answer',
    () => given(inCluster(3, 1), withService({ state: 'unknown' })),
    ['wake-later', 'wait to know whether etcd runs'],
  ],
]);
