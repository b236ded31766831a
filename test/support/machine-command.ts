import type { Machine } from 'juju-emulator';

/** What a command on a machine said. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};

/** Runs a shell command on a machine, as root unless said otherwise. Does not reject when it fails. */
export async function runOn(machine: Machine, command: string, user = 'root'): Promise<CommandResult> {
  const child = machine.spawn(['/bin/sh', '-c', command], { cwd: '/', env: environment, stdin: 'null', user });
  const texts = [child.stdout, child.stderr].map(
    (stream) =>
      new Promise<string>((resolve, reject) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', reject);
        stream.on('close', () => resolve(Buffer.concat(chunks).toString()));
      }),
  );
  const [exit, stdout = '', stderr = ''] = await Promise.all([child.exited, ...texts]);
  return { code: exit.code ?? 255, stdout, stderr };
}
