import { dirname } from 'node:path';
import type { Url } from '../domain/ids';
import { parseMirrorSettings, runningText } from '../domain/mirror';
import { systemClock } from '../ports/clock-system';
import { NodeFiles } from '../ports/files-node';
import type { Files } from '../ports/files';
import { endpointOnDisk } from '../ports/local-endpoint';
import { makePaths, type Paths } from '../ports/paths';
import { noCredentials, readCredentials } from '../ports/pem-credentials';
import { ExecaProcesses } from '../ports/processes-execa';
import { ConfigMirror, type MirrorConnection } from './config-mirror';

const lookEveryMs = 30_000;

/** With the certificates as they are now: renewed ones are taken up with the next connection. */
async function connect(files: Files, paths: Paths): Promise<MirrorConnection> {
  const [{ Etcd3Keys }, { Etcd3KeyWatch }] = await Promise.all([
    import('../ports/etcd-keys-etcd3'),
    import('../ports/key-watch-etcd3'),
  ]);
  const credentials = (await readCredentials(files, paths, 'client')) ?? noCredentials;
  return { keys: new Etcd3Keys(credentials), watch: new Etcd3KeyWatch(credentials) };
}

/** `config-mirror ROOT [MS]`, run by systemd without any hook: keeps files and keys in step until it is told to end. */
export async function configMirror([root = '/', everyMs]: readonly string[]): Promise<undefined> {
  const paths = makePaths(root);
  const files = new NodeFiles();
  const text = await files.read(paths.mirror.settings);
  if (text === null) throw new Error(`${paths.mirror.settings} is missing: the charm writes it`);
  const settings = parseMirrorSettings(text);
  const release = (await files.read(paths.gate.release))?.trim() ?? '';
  const endpoints = async (): Promise<readonly Url[]> => {
    const own = await endpointOnDisk(files, paths);
    return own === null ? settings.others : [own, ...settings.others];
  };
  await files.makeDirectory(dirname(paths.mirror.state), { mode: 0o755 });
  const mirror = new ConfigMirror(
    {
      cluster: settings.cluster,
      files,
      processes: new ExecaProcesses(),
      root,
      replaced: paths.mirror.replaced,
      say: (line) => void process.stdout.write(`${line}\n`),
      clock: systemClock,
      state: paths.mirror.state,
      endpoints,
      connect: () => connect(files, paths),
      lookEveryMs: everyMs === undefined ? lookEveryMs : Number(everyMs),
    },
    settings.entries,
  );
  // Every write is whole or not at all: nothing has to be brought to an end.
  process.once('SIGTERM', () => process.exit(0));
  await mirror.run(() => files.writeAtomic(paths.mirror.running, `${runningText(release, text)}\n`, { mode: 0o644 }));
  return undefined;
}
