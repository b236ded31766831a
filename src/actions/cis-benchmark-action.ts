import { failed, type Action } from './action';

/** `cis-benchmark`: the predecessor built kube-bench from the network and had no remedies for etcd. */
export const action: Action = () =>
  Promise.resolve(
    failed(
      'This charm does not run the CIS benchmark, and no remedies of it exist for etcd: run kube-bench with "--targets etcd" on the unit yourself. ' +
        'What it checks is set by this charm: TLS with client certificates for clients and peers, files readable by etcd alone; nothing was changed.',
    ),
  );
