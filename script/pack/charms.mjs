/** The charms of this repository: name -> directory below the repository. */
export const charms = {
  etcd: '.',
  easyrsa: 'charms/easyrsa',
  'local-ca': 'charms/local-ca',
  'etcd-client': 'charms/etcd-client',
};
