import { url, type Url } from '../domain/ids';
import type { Files } from './files';
import type { Paths } from './paths';

/** The TLS URL in `listen-client-urls` of an etcd.conf.yml, as it is reached from the machine itself; null where there is none. */
export function listeningAt(configText: string): Url | null {
  const urls = /^listen-client-urls:\s*["']?([^"'\n]*)/m.exec(configText)?.[1] ?? '';
  const secure = urls.split(',').find((one) => one.startsWith('https://'));
  return secure === undefined ? null : url(secure.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//127.0.0.1:'));
}

/**
 * Where this unit reaches its own member: what the running process was started with, else what it will be started with. The options
 * may have changed since, and a member that is to be restarted for them must be asked where it still is.
 */
export async function endpointOnDisk(files: Files, paths: Paths): Promise<Url | null> {
  const text = (await files.read(paths.runningConfig)) ?? (await files.read(paths.configFile));
  return text === null ? null : listeningAt(text);
}
