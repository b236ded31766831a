import { execa } from 'execa';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bookshop, describeWithPython, packLibrarian, pythonVenv } from '../support/python';
import { scratchDirectory } from '../support/scratch';

const bin = join(__dirname, '../../bin');

/** What verbs.py says of each verb. */
interface Outcome {
  readonly verb: string;
  readonly error: string | null;
}

/** Lets jubilant, as it is on PyPI, drive our `juju` through the verbs. */
async function drive(directory: string, cloud: string, model: string, verbs: readonly string[]): Promise<Outcome[]> {
  const scratch = join(directory, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const charms = [packLibrarian(directory, '1.0'), packLibrarian(directory, '2.0'), bookshop];
  const { stdout } = await execa(
    join(pythonVenv() ?? '', 'bin/python'),
    [join(__dirname, 'verbs.py'), join(bin, 'juju'), cloud, model, ...charms, scratch, ...verbs],
    { env: { JUJU_EMULATOR_DATA: join(directory, 'controllers') }, reject: false },
  );
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome);
}

const machines = process.getuid?.() === 0 && existsSync('/usr/bin/systemd-nspawn');
if (!machines) console.warn('SKIPPED on machines: real machines need root and systemd-nspawn');

const clouds: [cloud: string, verbs: string[]][] = [
  [
    'light',
    [
      ...['add_model', 'version', 'deploy', 'wait', 'status', 'integrate', 'run', 'exec', 'config', 'ssh', 'scp'],
      ...['show_unit', 'add_secret', 'grant_secret', 'update_secret', 'show_secret', 'secrets', 'revoke_secret'],
      ...['remove_secret', 'add_unit', 'remove_unit', 'refresh', 'debug_log', 'remove_relation', 'remove_application'],
      'destroy_model',
    ],
  ],
  // Where machines matter: the interpreter is the machine's own, and ssh and scp log in as another user.
  ['localhost', ['add_model', 'deploy', 'wait', 'integrate', 'run', 'exec', 'ssh', 'scp', 'destroy_model']],
];

describeWithPython.each(clouds.filter(([cloud]) => cloud === 'light' || machines))(
  'jubilant drives charms in Python and shell, cloud %s',
  (cloud, verbs) => {
    const directory = scratchDirectory('jubilant');
    const model = `jubilant-${cloud}-${process.pid}`;
    let outcomes: Outcome[] = [];

    beforeAll(async () => {
      outcomes = await drive(directory, cloud, model, verbs);
    }, 600_000);

    afterAll(async () => {
      const env = { JUJU_EMULATOR_DATA: join(directory, 'controllers') };
      await execa(join(bin, 'juju-emulator'), ['clean', '--model', model], { env });
    }, 120_000);

    it.each(verbs)('%s', (verb) => {
      expect(outcomes.find((outcome) => outcome.verb === verb)).toMatchObject({ error: null });
    });
  },
);
