import { failed, type Action } from './action';

/** `snap-upgrade`: the predecessor moved from a Debian package to the snap; there is nothing of the kind here to move from. */
export const action: Action = async ({ observe }) => {
  const { workload } = await observe();
  const version = workload.current === null ? 'etcd' : `etcd ${workload.current}`;
  return failed(
    `There is nothing to migrate: this charm never runs etcd from a Debian package of the machine, and ${version} stays as it is. ` +
      'For another source of etcd use "juju attach-resource etcd etcd=FILE" or the option channel; nothing was changed.',
  );
};
