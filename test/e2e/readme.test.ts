import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { etcdBinaries } from '../support/etcd-binaries';
import { describeOnMachines, runSeed } from '../support/etcd-model';
import { etcdArchive, packedCharms } from '../support/packed-charms';
import { until } from '../support/until';

jest.setTimeout(400_000);

/** The README of the etcd charm that ours replaces. */
const readme = join(
  process.env['SEEDS_DIR'] ?? resolve(__dirname, '../../../shared/seeds'),
  '002_2f18aed40e6013cc.txt',
);
const present = existsSync(readme);
if (!present) process.stderr.write(`e2e: skipped, there is no README at ${readme}\n`);

/** Every command of the README up to "Step 5: Scale and operate as required", as it stands there. */
function documented(): string[] {
  const text = present ? (readFileSync(readme, 'utf8').split('Step 5:')[0] ?? '') : '';
  const examples = [...text.matchAll(/^```(?:shell)?\n([^]*?)^```$/gm)].map((match) => match[1] ?? '').join('\n');
  return [...examples.matchAll(/^(?:\$ )?((?:juju|export|etcdctl|sha256sum) .*)$/gm)].map((match) =>
    (match[1] ?? '').trim(),
  );
}

/** How one says it: 2.9 has run-action and add-relation, 3.x and 4.x have run and integrate. */
interface Spelling {
  readonly name: string;
  /** What an operator types for a line of the README; `put` fills in units and files of this run. */
  readonly type: (line: string) => string;
}

const spellings: readonly Spelling[] = [
  {
    name: '2.9',
    type: (line) =>
      line
        .replace(/^juju action do (\S+) (\S+)/, 'juju run-action $1 $2')
        .replace(/^juju action fetch/, 'juju show-action-output')
        .replace(/^(juju run-action .*)$/, '$1 --wait --format yaml'),
  },
  {
    name: '3.x and 4.x',
    type: (line) =>
      line
        .replace(/^juju add-relation/, 'juju integrate')
        .replace(/^juju (?:action do|run-action) (.*)$/, 'juju run $1 --format yaml')
        .replace(/^juju (?:action fetch|show-action-output)/, 'juju show-task')
        .replace(/^juju list-storage-pools/, 'juju storage-pools'),
  },
];

const bin = resolve(__dirname, '../../packages/juju-emulator/bin');
/** Said again by another line of the README, with the snapshot. */
const elsewhere = [/^juju deploy etcd new-etcd$/];

(present ? describeOnMachines : describe.skip).each(spellings)(
  'the README of the etcd charm, as $name has it',
  (spelling) => {
    const model = `e2e-readme-${spelling.name.replace(/\W/g, '')}-${process.pid}`;
    const walked = new Set<string>();
    let directory: string;
    let archive = '';

    const shell = (
      line: string,
    ): { readonly status: number | null; readonly stdout: string; readonly stderr: string } => {
      const { etcd } = packedCharms();
      const programs = etcdBinaries().find(({ name }) => name.startsWith('3.5.'))?.directory ?? '';
      const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', line], {
        encoding: 'utf8',
        cwd: directory,
        env: {
          ...process.env,
          PATH: `${bin}:${programs}:${process.env['PATH'] ?? ''}`,
          JUJU_MODEL: model,
          JUJU_EMULATOR_CHARMS: dirname(etcd),
        },
      });
      return { status, stdout, stderr };
    };
    /** What is not in the README: names of this run, and what it takes for granted. */
    const must = (line: string): string => {
      const said = shell(line);
      if (said.status !== 0) throw new Error(`${line}: exit status ${said.status}\n${said.stdout}${said.stderr}`);
      return said.stdout;
    };
    /** A line of the README, typed in this spelling, with units and files of this run in place of the documented ones. */
    const follow = (line: string, put: (line: string) => string = (same) => same): string => {
      if (!documented().includes(line)) throw new Error(`the README has no line "${line}"`);
      walked.add(line);
      return must(put(spelling.type(line)));
    };

    interface Ran {
      readonly status: string;
      readonly id?: string;
      readonly results: Readonly<Record<string, unknown>>;
    }
    const resultOf = (said: string): Ran => {
      const [task] = Object.values(parse(said) as Record<string, Ran>);
      if (task === undefined) throw new Error(`no task in ${said}`);
      return task;
    };
    const healthy = (application: string, members: number): Promise<unknown> =>
      until(
        `${application} has ${members} healthy members`,
        () => {
          shell('juju-emulator wait --timeout 60s');
          const status = JSON.parse(must('juju status --format json')) as {
            applications: Record<
              string,
              { units?: Record<string, { 'workload-status': { current: string; message: string } }> }
            >;
          };
          const units = Object.values(status.applications[application]?.units ?? {}).map(
            (unit) => unit['workload-status'],
          );
          const expected = `cluster is healthy (${members} of ${members} members)`;
          if (
            units.length === members &&
            // After a restore it says that, too.
            units.every(
              ({ current, message }) => current === 'active' && message.split('; restored to ')[0] === expected,
            )
          )
            return true;
          throw new Error(units.map(({ current, message }) => `${current}: ${message}`).join('; '));
        },
        { timeoutMs: 300_000, everyMs: 500 },
      );
    const address = (unit: string): string => must(`juju ssh ${unit} hostname -I`).trim().split(/\s+/)[0] ?? '';
    const check = (title: string, body: () => void | Promise<unknown>): void =>
      it(title, async () => {
        try {
          await body();
        } catch (error) {
          process.stderr.write(
            `${shell('juju status').stdout}\n${shell('juju debug-log --replay --limit 40').stdout}\n`,
          );
          throw error;
        }
      });

    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'etcd-e2e-readme-'));
      process.stderr.write(`e2e: README as ${spelling.name} has it: seed ${runSeed}\n`);
      must(`juju add-model ${model} --seed ${runSeed} || juju add-model ${model}`);
    });
    afterAll(() => {
      shell(`juju-emulator clean --model ${model}`);
      rmSync(directory, { recursive: true, force: true });
    });

    check('Usage: deploy, relate, add capacity', async () => {
      follow('juju deploy easyrsa');
      follow('juju deploy etcd');
      // Machines of tests have no archive of Debian to take etcd from.
      must(`juju attach-resource etcd etcd=${etcdArchive('3.5')}`);
      follow('juju add-relation etcd easyrsa');
      follow('juju add-unit -n 2 etcd');
      await healthy('etcd', 3);
    });

    check('Health: by an action, whose output is fetched, and by juju status', () => {
      const ran = resultOf(follow('juju action do etcd/0 health'));
      expect(ran.status).toBe('completed');
      expect(String(ran.results['output']).trimEnd().split('\n').at(-1)).toBe('cluster is healthy');
      // An id of our own in place of `<uuid>`.
      expect(follow('juju action fetch <uuid>', (line) => line.replace('<uuid>', ran.id ?? ''))).toContain(
        'cluster is healthy',
      );
      expect(must('juju status')).toMatch(/^etcd\/\d\*?\s+active\s+idle\s.*2379.*cluster is healthy/m);
    });

    check('TLS: client certificates work outside', () => {
      const unit = (line: string): string => line.replaceAll('etcd/12', 'etcd/2');
      expect(resultOf(follow('juju run-action etcd/12 generate-client-certificates', unit)).status).toBe('completed');
      follow('juju scp etcd/12:etcd_client_credentials.tar.gz etcd_credentials.tar.gz', unit);
      follow('juju expose etcd');
      must(
        'tar -xzf etcd_credentials.tar.gz --strip-components=0 && find . -name client.key -execdir pwd \\; | head -1 > where',
      );
      const where = readFileSync(join(directory, 'where'), 'utf8').trim();
      // The README's are the names of etcdctl's old interface; the present one reads these.
      const present: Readonly<Record<string, string>> = {
        'export ETCDCTL_KEY_FILE=$(pwd)/client.key': 'export ETCDCTL_KEY=$(pwd)/client.key',
        'export ETCDCTL_CERT_FILE=$(pwd)/client.crt': 'export ETCDCTL_CERT=$(pwd)/client.crt',
        'export ETCDCTL_CA_FILE=$(pwd)/ca.crt': 'export ETCDCTL_CACERT=$(pwd)/ca.crt',
        'export ETCDCTL_ENDPOINT=https://{ip of etcd host}:2379': `export ETCDCTL_ENDPOINTS=https://${address('etcd/1')}:2379`,
      };
      const lines = [...Object.keys(present), 'etcdctl member list'];
      for (const line of lines) {
        if (!documented().includes(line)) throw new Error(`the README has no line "${line}"`);
        walked.add(line);
      }
      const env = Object.values(present).join('\n');
      const listed = must([`cd ${where}`, env, 'etcdctl member list'].join('\n'));
      expect(listed.trim().split('\n')).toHaveLength(3);
      must([`cd ${where}`, env, 'etcdctl put kept "by the README"'].join('\n'));
    });

    check('Persistent storage: what the cloud offers, and a volume of each kind', async () => {
      expect(follow('juju list-storage-pools')).not.toBe('');
      // One volume a unit is what the charm takes.
      follow('juju add-storage etcd/0 data=ebs-ssd,10G');
      follow('juju add-storage etcd/0 data=gce,10G', (line) => line.replace('etcd/0', 'etcd/1'));
      follow('juju add-storage etcd/0 data=cinder,10G', (line) => line.replace('etcd/0', 'etcd/2'));
      await healthy('etcd', 3);
    });

    check('Snapshot, into a directory of the operator’s choice', () => {
      const ran = resultOf(follow('juju run-action etcd/0 snapshot target=/mnt/etcd-backups'));
      expect(ran).toMatchObject({ status: 'completed' });
      expect((ran.results['snapshot'] as { path: string }).path).toMatch(
        /^\/mnt\/etcd-backups\/etcd-snapshot-.*\.tar\.gz$/,
      );
    });

    check('Migrating, steps 1 and 2: a snapshot, its output, its copy, its sum', () => {
      const ran = resultOf(follow('juju run-action etcd/0 snapshot'));
      expect(ran.status).toBe('completed');
      const shown = follow('juju show-action-output b46d5d6f-5625-4320-8cda-b611c6ae580c', (line) =>
        line.replace(/b46\S+/, ran.id ?? ''),
      );
      expect(shown).toContain('etcd-snapshot-');
      const { copy, snapshot } = ran.results as {
        copy: { cmd: string };
        snapshot: { path: string; sha256: string; size: string };
      };
      expect(copy.cmd).toBe(`juju scp etcd/0:${snapshot.path} .`);
      archive = snapshot.path.split('/').at(-1) ?? '';
      follow('juju scp etcd/0:/home/ubuntu/etcd-snapshots/etcd-snapshot-2016-11-09-02.41.47.tar.gz .', () => copy.cmd);
      const summed = follow('sha256sum etcd-snapshot-2016-11-09-02.41.47.tar.gz', () => `sha256sum ${archive}`);
      expect(summed.split(' ')[0]).toBe(snapshot.sha256);
      expect(
        createHash('sha256')
          .update(readFileSync(join(directory, archive)))
          .digest('hex'),
      ).toBe(snapshot.sha256);
    });

    check('Migrating, steps 3 to 5: a new cluster from the snapshot, which is scaled', async () => {
      follow('juju deploy etcd new-etcd --resource snapshot=./etcd-snapshot-2016-11-09-02.41.47.tar.gz', (line) =>
        line.replace(/etcd-snapshot-\S+/, archive),
      );
      must(`juju attach-resource new-etcd etcd=${etcdArchive('3.5')}`);
      // The README takes it for granted.
      must(spelling.type('juju add-relation new-etcd easyrsa'));
      await healthy('new-etcd', 1);
      const ran = resultOf(follow('juju run-action new-etcd/0 restore'));
      expect(ran).toMatchObject({ status: 'completed' });
      await healthy('new-etcd', 1);
      // Again, and with what it has until now saved elsewhere.
      const again = resultOf(
        follow('juju run-action etcd/0 restore target=/mnt/etcd-backups', (line) =>
          line.replace('etcd/0', 'new-etcd/0'),
        ),
      );
      expect(again).toMatchObject({ status: 'completed' });
      expect((again.results['backup'] as { path: string }).path).toMatch(/^\/mnt\/etcd-backups\/etcd-snapshot-/);
      await healthy('new-etcd', 1);
      must('juju add-unit -n 2 new-etcd');
      await healthy('new-etcd', 3);
      const read = (unit: string): string =>
        must(
          `juju ssh ${unit} sudo env ETCDCTL_CACERT=/etc/etcd/pki/ca.crt ETCDCTL_CERT=/etc/etcd/pki/client.crt ETCDCTL_KEY=/etc/etcd/pki/client.key /opt/etcd/current/etcdctl get kept --print-value-only`,
        ).trim();
      for (const unit of ['new-etcd/0', 'new-etcd/1', 'new-etcd/2'])
        expect([unit, read(unit)]).toEqual([unit, 'by the README']);
    });

    it('no command of the README was left out', () => {
      const left = documented().filter((line) => !walked.has(line) && !elsewhere.some((one) => one.test(line)));
      expect(left).toEqual([]);
    });
  },
);
