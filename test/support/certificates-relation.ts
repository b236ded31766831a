import { unitName, type RelationBag, type RelationTools } from '@juju/charm-helpers-ts';

/** The two bags of one relation on `certificates`, between `etcd/0` and `easyrsa/0`. Only what an adapter asks for. */
export class CertificatesRelation {
  own: Record<string, string> = {};
  provider: Record<string, string> = {};

  tools(): RelationTools {
    const unused = (): Promise<never> => Promise.reject(new Error('not part of this dialect'));
    return {
      relationIds: unused,
      relationListApplication: unused,
      relationModelGet: unused,
      relationList: () => Promise.resolve([unitName('easyrsa/0')]),
      relationGet: ({ unit } = {}) =>
        Promise.resolve((unit === 'etcd/0' ? this.own : this.provider) satisfies RelationBag),
      relationSet: (values) => {
        for (const [key, value] of Object.entries(values)) this.own[key] = value ?? '';
        return Promise.resolve();
      },
    };
  }
}
