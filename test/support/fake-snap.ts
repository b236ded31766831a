import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the fake store has: channel -> a directory whose `bin` is the snap's. */
export interface FakeStore {
  readonly channels: Readonly<Record<string, { readonly version: string; readonly root: string }>>;
}

/**
 * A stand-in for snapd's `snap`, the only stand-in for a real program in this project: written from `snap help info` and
 * `snap help download` (snapcraft.io/docs), never run against a real snapd. It prints the channel map of `snap info` and, for
 * `snap download NAME --channel=C --basename=B`, packs a real squashfs B.snap and an assertion B.assert into the working directory.
 * @returns the directory to put first in PATH
 */
export async function fakeSnap(directory: string, store: FakeStore): Promise<string> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  const lines = Object.entries(store.channels).map(
    ([channel, { version }]) => `  ${`${channel}:`.padEnd(18)} ${version} 2025-01-20 (1234) 20MB -`,
  );
  await writeFile(
    join(directory, 'info'),
    ['name:      etcd', 'summary:   Resilient key-value store by CoreOS', 'channels:', ...lines, ''].join('\n'),
  );
  const packs = Object.entries(store.channels).map(
    ([channel, { root }]) =>
      `    ${channel}) mksquashfs "${root}" "$base.snap" -quiet -no-progress -noappend >/dev/null ;;`,
  );
  const script = `#!/bin/sh
verb=$1; shift
case $verb in
  info) [ "$1" = etcd ] || { echo "error: no snap found for \\"$1\\"" >&2; exit 1; }; cat "${join(directory, 'info')}" ;;
  download)
    name=$1; shift
    for option; do case $option in --channel=*) channel=\${option#*=} ;; --basename=*) base=\${option#*=} ;; esac; done
    case \${channel:-latest/stable} in
${packs.join('\n')}
    *) echo "error: cannot download snap \\"$name\\": no snap revision available as specified" >&2; exit 1 ;;
    esac
    echo "type: snap-revision" >"$base.assert" ;;
  *) echo "error: unknown command \\"$verb\\", see 'snap help'." >&2; exit 64 ;;
esac
`;
  await writeFile(join(bin, 'snap'), script);
  await chmod(join(bin, 'snap'), 0o755);
  return bin;
}
