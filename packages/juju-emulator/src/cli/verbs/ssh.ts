import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CliError } from '../cli-error';
import { type Registry, sessionOf, verb } from '../program';
import type { Session } from '../session';

/** ssh and scp: straight onto the machine, without a network in between. */
export function registerSsh(registry: Registry): void {
  verb(registry, 'ssh <target> [command...]', 'starts a shell or a command on the machine of a unit')
    .option('--container <name>', 'accepted')
    .option('--proxy', 'accepted')
    .option('--pty <bool>', 'accepted')
    .option('--no-host-key-checks', 'accepted')
    .passThroughOptions()
    .action(async (target: string, command: string[], flags: { model?: string }) => {
      const words = command[0] === '--' ? command.slice(1) : command;
      const tty = words.length === 0 && process.stdin.isTTY;
      const argv = words.length === 0 ? ['/bin/bash', '-l'] : ['/bin/bash', '-c', words.join(' ')];
      if (tty) process.stdin.setRawMode(true);
      try {
        const { code } = await sessionOf(flags).call<{ code: number }>(
          'spawn',
          { target: target.replace(/^[^@]*@/, ''), user: /^([^@]+)@/.exec(target)?.[1] ?? 'ubuntu', argv, tty },
          {
            onStdout: (data) => process.stdout.write(data),
            onStderr: (data) => process.stderr.write(data),
            stdin: process.stdin,
          },
        );
        if (code !== 0) throw new CliError('', code);
      } finally {
        if (tty) process.stdin.setRawMode(false);
        process.stdin.destroy();
      }
    });

  verb(registry, 'scp <paths...>', 'copies files to or from the machines of units')
    .option('-r, --recursive', 'copy directories')
    .option('--no-host-key-checks', 'accepted')
    .option('--container <name>', 'accepted')
    .option('--proxy', 'accepted')
    .action(async (paths: string[], flags: { model?: string }) => {
      const session = sessionOf(flags);
      const named = paths.filter((path) => path !== '--' && path !== '-r');
      const places = await Promise.all(named.map((path) => locate(session, path)));
      const target = places.pop();
      if (target === undefined || places.length === 0) throw new CliError('at least two arguments required', 2);
      const owner = await loginOwner(session, named.at(-1) ?? '');
      for (const source of places)
        if (!existsSync(source)) throw new CliError(`scp: ${source}: No such file or directory`);
      const copied = spawnSync('cp', ['-r', '--', ...places, target], { stdio: ['ignore', 'inherit', 'inherit'] });
      if (copied.status !== 0) throw new CliError('', copied.status ?? 1);
      if (owner === null) return;
      for (const source of places) {
        const copy = join(target, basename(source));
        spawnSync('chown', ['-R', '--no-dereference', owner, '--', existsSync(copy) ? copy : target]);
      }
    });
}

/** Whom files copied there belong to (`uid:gid`): whom the home of the user belongs to that ssh logs in as. Null for this host. */
async function loginOwner(session: Session, path: string): Promise<string | null> {
  if (!remote.test(path) || path.startsWith('root@')) return null;
  const { uid, gid } = lstatSync(await locate(session, path.replace(/:.*$/, ':')));
  return `${uid}:${gid}`;
}

const remote = /^(?:[^@/:]*@)?([a-z][a-z0-9-]*\/(?:\d+|leader)|\d+):(.*)$/;

/** `app/0:/tmp/x` as a path on this host; anything else stays. */
async function locate(session: Session, path: string): Promise<string> {
  const match = remote.exec(path);
  if (match === null) return path;
  return session.call<string>('hostPath', { target: match[1] ?? '', path: match[2] === '' ? '.' : (match[2] ?? '.') });
}
