import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const loadFromDisk = '(0, proto_loader_1.loadSync)(`${__dirname}/../proto/rpc.proto`,';
const loadFromBundle = '(0, proto_loader_1.fromJSON)(require("etcd3-rpc-descriptor"),';

/**
 * etcd3 parses its rpc.proto from disk whenever it is loaded. A bundle has no such file, so the parsed form goes into the
 * bundle instead, which also loads faster.
 * @type {import('esbuild').Plugin}
 */
export const inlineEtcdProto = {
  name: 'inline-etcd-proto',
  setup(build) {
    let protoDir = '';
    build.onLoad({ filter: /etcd3\/lib\/connection-pool\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(loadFromDisk))
        throw new Error(`${path} no longer loads rpc.proto as it did: adapt ${import.meta.url}`);
      protoDir = join(path, '..', '..', 'proto');
      return { contents: source.replace(loadFromDisk, loadFromBundle), loader: 'js' };
    });
    build.onResolve({ filter: /^etcd3-rpc-descriptor$/ }, () => ({
      path: 'rpc.json',
      namespace: 'etcd3-rpc-descriptor',
    }));
    build.onLoad({ filter: /.*/, namespace: 'etcd3-rpc-descriptor' }, () => {
      const root = new protobuf.Root();
      // One file after the other: loaded side by side, the order of what they import is a matter of time, and so are the bytes.
      root.loadSync(join(protoDir, 'rpc.proto'), { keepCase: true });
      return { contents: JSON.stringify(root.toJSON()), loader: 'json' };
    });
  },
};
