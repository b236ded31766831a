import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hostCommand } from './host-command';
import { MachineError } from './machine-error';

/** Where images and other things made once are kept. */
export const defaultCacheDir = process.env['JUJU_EMULATOR_CACHE'] ?? '/var/cache/juju-emulator';

const suite = 'bookworm';

/** What a server image has that charms rely on; what a charm needs beyond, it must install itself. */
const packages = [
  'systemd-sysv',
  'dbus',
  'iproute2',
  'iputils-ping',
  'ca-certificates',
  'openssl',
  'curl',
  'netbase',
  'procps',
  'psmisc',
  'tzdata',
  'xz-utils',
  'less',
  'e2fsprogs',
  'sudo',
  // Charms that charmcraft packs bring their Python libraries and leave the interpreter to the machine.
  'python3',
];

/** Run in the new root (`$1`) at the end of the build. */
const customize = `set -e
chroot "$1" useradd --uid 1000 --create-home --shell /bin/bash --groups adm ubuntu
printf 'ubuntu ALL=(ALL) NOPASSWD:ALL\\n' > "$1/etc/sudoers.d/90-ubuntu"
chmod 440 "$1/etc/sudoers.d/90-ubuntu"
mkdir -p "$1/var/lib/juju" "$1/var/log/juju" "$1/var/log/journal"
printf 'LANG=C.UTF-8\\n' > "$1/etc/default/locale"
: > "$1/etc/machine-id"
rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/var/lib/dbus/machine-id"
for unit in console-getty.service getty.target apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer dpkg-db-backup.timer dev-hugepages.mount sys-fs-fuse-connections.mount; do
  ln -sf /dev/null "$1/etc/systemd/system/$unit"
done
`;

/** Directory of the image, whether it is there or not. Its name changes with its content. */
export function imageDir(cacheDir: string = defaultCacheDir): string {
  const key = createHash('sha256')
    .update(JSON.stringify([suite, packages, customize]))
    .digest('hex')
    .slice(0, 12);
  return join(cacheDir, `image-${suite}-${key}`);
}

/**
 * Builds the machine image if it is not there (20 s, needs root and a Debian mirror) and gives its directory.
 * Parallel callers wait for each other; an interrupted build leaves nothing that is taken for an image.
 * @throws MachineError `not-linux`, `not-root`, `tool-missing`, `image`.
 */
export async function ensureImage(
  options: { cacheDir?: string; onLine?: (line: string) => void } = {},
): Promise<string> {
  const cacheDir = options.cacheDir ?? defaultCacheDir;
  const image = imageDir(cacheDir);
  if (existsSync(image)) return image;
  requireRoot('build the machine image');
  mkdirSync(cacheDir, { recursive: true });
  const partial = `${image}.partial`;
  // The apt lists stay, as on a cloud image whose first boot has updated them.
  const build = `test -d '${image}' && exit 0
    set -e
    rm -rf '${partial}'
    mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt/lists --include=${packages.join(',')} \
      --customize-hook="$1" ${suite} '${partial}' >&2
    mv '${partial}' '${image}'`;
  try {
    await hostCommand('build the machine image', ['flock', `${image}.lock`, 'sh', '-c', build, 'sh', customize], {
      onLine: (line) => {
        if (/^I: [a-z ]+[.a-z]*$/.test(line)) options.onLine?.(line.slice(3));
      },
    });
  } catch (cause) {
    if (cause instanceof MachineError && cause.code === 'tool-missing') throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MachineError(
      'image',
      'build the machine image',
      `the machine image cannot be built; is a Debian mirror reachable (the first set-up needs the network)? ${why}`,
      { cause, retryable: true },
    );
  }
  return image;
}

/** @throws MachineError `not-linux` or `not-root` where real machines cannot run. */
export function requireRoot(operation: string): void {
  if (process.platform !== 'linux')
    throw new MachineError('not-linux', operation, 'machines need Linux; use light mode elsewhere');
  if (process.getuid?.() !== 0)
    throw new MachineError('not-root', operation, 'machines need root; run this as root, or use light mode');
}
