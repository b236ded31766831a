import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerb } from '../../src/cli/framework/run-verb';
import { allVerbs } from '../../src/cli/framework/super-command';
import { jujuFamilies } from '../../src/cli/verb-families';
import { scratchDirectory } from '../support/scratch';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(180_000);

const seeds = process.env.SEEDS_DIR ?? join(__dirname, '../../../../../shared/seeds');
const present = existsSync(seeds);
if (!present) console.log(`skipped: no documents at ${seeds}`);

/** Every juju command that the documents show, without what stands for output. */
function commandsOf(text: string): string[] {
  return [...text.matchAll(/^(?:\s*\$ )?\s*`*(?:[\w-]+: )?(juju [a-z][^\n`]*)/gm)]
    .map((match) => (match[1] ?? '').trim())
    .filter((line) => !/[.:,]$/.test(line) || line.endsWith(' .'));
}
const commands = present
  ? [...new Set(readdirSync(seeds).flatMap((file) => commandsOf(readFileSync(join(seeds, file), 'utf8'))))]
  : [];

(present ? describe : describe.skip)('the juju commands of the documents', () => {
  it.each(commands.map((command) => [command]))('%s: is understood', async (command) => {
    const [, name = '', ...args] = command.split(/\s+/);
    const verb = (await allVerbs(jujuFamilies)).find((each) => each.name === name || each.otherNames.includes(name));
    if (verb === undefined) throw new Error(`no verb ${name}`);
    expect((await parseVerb(verb, args)).kind).toBe('run');
  });

  it('those that can run here do, on charms of shell scripts found by their names', async () => {
    const place = scratchDirectory('seeds');
    const peer = 'peers: {cluster: {interface: etcd}}\n';
    const about = 'summary: s\ndescription: d\n';
    const charm = (name: string, metadata: string, actions: string): void =>
      cpSync(
        shellCharm({
          metadata: `name: ${name}\n${about}${metadata}`,
          actions,
          dispatch: 'action-set done=yes 2>/dev/null || true',
        }),
        join(place, 'charms', name),
        { recursive: true },
      );
    const target = 'params: {target: {type: string, default: /tmp}, skip-backup: {type: boolean}}';
    charm('easyrsa', 'provides: {client: {interface: tls-certificates}}\n', '{}');
    charm(
      'etcd',
      `${peer}requires: {certificates: {interface: tls-certificates}}\nstorage: {data: {type: filesystem, multiple: {range: 0-}}}\nresources: {snapshot: {type: file, filename: snapshot.tar.gz, description: d}}\n`,
      `health: {description: d}\ngenerate-client-certificates: {description: d}\nrestore: {description: d, ${target}}\nsnapshot: {description: d, ${target}}\n`,
    );
    const archive = commands.join('\n').match(/snapshot=(\S+)/)?.[1];
    if (archive !== undefined) writeFileSync(join(place, archive), 'x');
    const model = `seeds-${process.pid}`;
    const env = { ...process.env, JUJU_EMULATOR_DATA: join(place, 'data'), JUJU_EMULATOR_LIGHT: '1' };
    const run = (program: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
      new Promise((resolve) => {
        execFile(join(__dirname, '../../bin', program), args, { env, cwd: place }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        ).stdin?.end();
      });
    expect(await run('juju', ['add-model', model])).toMatchObject({ code: 0 });
    let queued = '';
    const units = new Map([
      ['etcd/9', 'etcd/0'],
      ['etcd/12', 'etcd/0'],
    ]);
    try {
      for (const command of commands) {
        // What needs a file that a real action made, a cloud's own storage pool, or an application of that name once more, is parsed above.
        if (/ scp | data=(ebs-ssd|gce|cinder),/.test(command) || /<|\$/.test(command.replace('<uuid>', ''))) continue;
        const again = / deploy etcd new-etcd$/.test(command) && commands.some((each) => each.startsWith(`${command} `));
        if (again) continue;
        const args = command
          .split(/\s+/)
          .slice(1)
          .map((word) => units.get(word) ?? (word === '<uuid>' || /^[0-9a-f]{8}-/.test(word) ? queued : word));
        const result = await run('juju', args);
        expect({ command, ...result }).toMatchObject({ command, code: 0 });
        queued = /^Action queued with id: "(\d+)"/.exec(result.stdout)?.[1] ?? queued;
        if (args[0] === 'deploy') await run('juju-emulator', ['wait', '--timeout', '60s']);
      }
      expect((await run('juju', ['action', 'fetch', queued, '--wait', '30s'])).stdout).toContain('done: "yes"');
    } finally {
      await run('juju-emulator', ['clean', '--model', model]);
    }
  });
});
