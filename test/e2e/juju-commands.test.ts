import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describeOnMachines, runSeed } from '../support/etcd-model';
import { etcdBinaries } from '../support/etcd-binaries';
import { etcdArchive, packedCharms } from '../support/packed-charms';

jest.setTimeout(120_000);

const bin = resolve(__dirname, '../../packages/juju-emulator/bin');
const model = `e2e-commands-${process.pid}`;

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line as documentation has it, with the model chosen by the environment. */
function type(line: string, input?: string): Said {
  const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', line], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, JUJU_MODEL: model },
    ...(input === undefined ? {} : { input }),
  });
  return { status, stdout, stderr };
}

/** As `type`; a command that fails fails the test with what it said. */
function typed(line: string): string {
  const said = type(line);
  if (said.status !== 0) throw new Error(`${line}: exit status ${said.status}\n${said.stdout}${said.stderr}`);
  return said.stdout;
}

describeOnMachines('the command lines of documentation, from Juju 2.9 on', () => {
  let directory: string;
  const check = (title: string, body: () => void): void =>
    it(title, () => {
      try {
        body();
      } catch (error) {
        process.stderr.write(`${type('juju status').stdout}\n${type('juju debug-log --replay --limit 40').stdout}\n`);
        throw error;
      }
    });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'etcd-e2e-commands-'));
    process.stderr.write(`e2e: juju commands: seed ${runSeed}\n`);
    const { etcd, easyrsa } = packedCharms();
    typed(`juju add-model ${model} --seed ${runSeed} || juju add-model ${model}`);
    typed(`juju deploy ${easyrsa} easyrsa`);
    typed(`juju deploy ${etcd} etcd -n 2 --resource etcd=${etcdArchive('3.5')}`);
    typed('juju add-relation etcd:certificates easyrsa:client');
    typed('juju-emulator wait --timeout 100s');
  });
  afterAll(() => {
    type(`juju-emulator clean --model ${model}`);
    rmSync(directory, { recursive: true, force: true });
  });

  check('juju status, for people and for programs', () => {
    const text = typed('juju status');
    expect(text).toMatch(/^etcd\s+3\.5\.16\s+active\s+2\s+etcd\s/m);
    expect(text).toMatch(
      /^etcd\/0\*?\s+active\s+idle\s+1\s+10\.\S+\s+2379,2380\/tcp\s+cluster is healthy \(2 of 2 members\)$/m,
    );
    type Units = { applications: { etcd: { units: Record<string, { 'workload-status': { message: string } }> } } };
    for (const document of [
      JSON.parse(typed('juju status --format json')) as Units,
      parse(typed('juju status --format=yaml')) as Units,
    ])
      expect(Object.values(document.applications.etcd.units).map((unit) => unit['workload-status'].message)).toEqual([
        'cluster is healthy (2 of 2 members)',
        'cluster is healthy (2 of 2 members)',
      ]);
  });

  check('juju run-action --wait and show-action-output (2.9)', () => {
    const waited = parse(typed('juju run-action etcd/0 health --wait')) as Record<
      string,
      { status: string; id: string; results: { output: string } }
    >;
    const result = waited['unit-etcd-0'];
    expect(result).toMatchObject({ status: 'completed', UnitId: 'etcd/0' });
    expect(result?.results.output.trim().split('\n').at(-1)).toBe('cluster is healthy');

    const queued = typed('juju run-action etcd/1 health');
    const id = /^Action queued with id: "(\d+)"$/m.exec(queued)?.[1];
    expect(id).toBeDefined();
    typed('juju-emulator wait --timeout 60s');
    expect(parse(typed(`juju show-action-output ${id}`))).toMatchObject({ status: 'completed', UnitId: 'etcd/1' });
  });

  check('juju run and show-operation (3.x)', () => {
    const ran = type('juju run etcd/leader health --format yaml');
    expect(ran.status).toBe(0);
    const [[unit = '', task] = []] = Object.entries(
      parse(ran.stdout) as Record<string, { id: string; status: string }>,
    );
    expect(unit).toMatch(/^etcd\/[01]$/);
    expect(task?.status).toBe('completed');
    expect(typed(`juju show-task ${task?.id}`)).toContain('cluster is healthy');
  });

  check('an action that is refused tells the reason', () => {
    const said = type('juju run etcd/leader restore');
    expect(`${said.stdout}${said.stderr}`).toMatch(/There is no snapshot to restore: attach one/);
  });

  check('juju-run and juju-exec on the machine, and juju run --unit from outside', () => {
    expect(typed(`juju ssh etcd/0 "sudo juju-run etcd/0 'config-get port'"`).trim()).toBe('2379');
    expect(typed(`juju ssh etcd/0 "sudo juju-exec etcd/0 'config-get port'"`).trim()).toBe('2379');
    expect(typed(`juju run --unit etcd/0 'config-get management_port'`).trim()).toBe('2380');
    expect(typed(`juju exec --unit etcd/0 -- config-get management_port`).trim()).toBe('2380');
  });

  check('juju ssh is user ubuntu, who may sudo, and brings input and exit status through', () => {
    expect(typed('juju ssh etcd/0 whoami').trim()).toBe('ubuntu');
    expect(typed('juju ssh etcd/0 sudo whoami').trim()).toBe('root');
    expect(typed('juju ssh etcd/0 pwd').trim()).toBe('/home/ubuntu');
    expect(type('juju ssh etcd/0 cat', 'by standard input').stdout).toBe('by standard input');
    expect(type('juju ssh etcd/0 exit 7').status).toBe(7);
  });

  check('juju scp to and from a unit', () => {
    const there = join(directory, 'there.txt');
    const back = join(directory, 'back.txt');
    writeFileSync(there, 'there and back again');
    typed(`juju scp ${there} etcd/0:there.txt`);
    expect(typed('juju ssh etcd/0 "cat /home/ubuntu/there.txt; stat -c :%U there.txt"').trim()).toBe(
      'there and back again:ubuntu',
    );
    typed(`juju scp etcd/0:/home/ubuntu/there.txt ${back}`);
    expect(readFileSync(back, 'utf8')).toBe('there and back again');
  });

  check(
    'credentials for a client outside: what the actions print works when it is pasted, and is the user’s alone',
    () => {
      const [binaries] = etcdBinaries().filter(({ name }) => name.startsWith('3.5.'));
      for (const [action, run, file] of [
        ['generate-client-certificates', 'juju run etcd/1', 'etcd_client_credentials.tar.gz'],
        ['package-client-credentials', 'juju run-action --wait etcd/1', 'etcd_credentials.tar.gz'],
      ] as const) {
        const [task] = Object.values(
          parse(typed(`${run} ${action} --format yaml`)) as Record<string, { results: Record<string, unknown> }>,
        );
        expect(task?.results).toMatchObject({ status: 'packaged', path: `/home/ubuntu/${file}` });
        expect(typed(`juju ssh etcd/1 stat -c %U:%G:%a /home/ubuntu/${file}`).trim()).toBe('ubuntu:ubuntu:600');
        const output = String(task?.results['output']);
        const pasted = output.split('\n').flatMap((line) => /^ {2}(.*)$/.exec(line)?.[1] ?? []);
        const script = [`cd ${directory}`, `PATH=${binaries?.directory ?? ''}:$PATH`, ...pasted].join('\n');
        const said = type(script);
        expect([script, said.status]).toEqual([script, 0]);
        expect(`${said.stdout}${said.stderr}`.match(/is healthy/g)).toHaveLength(2);
        typed(/^.*(juju ssh etcd\/1 rm .*)$/m.exec(output)?.[1] ?? 'false');
        expect(type(`juju ssh etcd/1 stat /home/ubuntu/${file}`).status).not.toBe(0);
      }
    },
  );

  check('a client with a name of its own is asked for, pending, and collected', () => {
    const run = (): Record<string, unknown> => {
      const said = typed('juju run etcd/1 generate-client-certificates common-name=backup format=p12 --format yaml');
      return Object.values(parse(said) as Record<string, { results: Record<string, unknown> }>)[0]?.results ?? {};
    };
    expect(run()).toMatchObject({ status: 'pending' });
    typed('juju-emulator wait --timeout 60s');
    const collected = run();
    expect(collected).toMatchObject({ status: 'packaged', 'common-name': 'backup' });
    const pasted = String(collected['output'])
      .split('\n')
      .flatMap((line) => /^ {2}(.*)$/.exec(line)?.[1] ?? []);
    expect(typed([`cd ${directory}`, ...pasted].join('\n'))).toMatch(/subject=.*CN ?= ?backup/);
    expect(typed('juju ssh etcd/1 stat -c %U:%a /home/ubuntu/etcd_client_credentials-backup.p12.password').trim()).toBe(
      'ubuntu:600',
    );
  });

  check('juju config, show-unit and debug-log', () => {
    expect(typed('juju config etcd heartbeat_interval').trim()).toBe('100');
    typed('juju config etcd heartbeat_interval=110');
    typed('juju-emulator wait --timeout 60s');
    expect(typed('juju config etcd heartbeat_interval').trim()).toBe('110');
    const shown = parse(typed('juju show-unit etcd/0')) as Record<
      string,
      { leader: boolean; 'public-address': string }
    >;
    expect(shown['etcd/0']?.['public-address']).toMatch(/^10\./);
    expect(typed('juju debug-log --replay --include etcd/0')).toMatch(
      /^unit-etcd-0: .* INFO unit\.etcd\/0\.juju-log .*Started etcd/m,
    );
  });

  check('juju remove-relation, remove-unit and destroy-model', () => {
    const leader = /^(etcd\/\d+)\*/m.exec(typed('juju status'))?.[1] ?? '';
    typed(`juju remove-unit ${leader} --no-prompt`);
    typed('juju-emulator wait --timeout 60s');
    expect(typed('juju status')).toMatch(/^etcd\/\d\*\s+active .*cluster is healthy \(1 of 1 members\)$/m);
    typed('juju remove-relation etcd:certificates easyrsa:client');
    typed('juju-emulator wait --timeout 60s');
    expect(typed('juju status')).toContain('cluster is healthy (1 of 1 members)');
    typed(`juju destroy-model ${model} --no-prompt`);
    expect(type('juju status').status).not.toBe(0);
  });
});
