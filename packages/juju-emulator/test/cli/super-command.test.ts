import { runSuperCommand, allVerbs } from '../../src/cli/framework/super-command';
import { verbHelp } from '../../src/cli/framework/help';
import type { Invocation } from '../../src/cli/framework/verb';
import { Session } from '../../src/cli/session';
import { collect, sessionOf, verb, type Registry } from '../../src/cli/program';
import { emulatorFamilies, jujuFamilies, type VerbFamily } from '../../src/cli/verb-families';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let seen: unknown;
const family: VerbFamily = {
  names: ['put', 'lay', 'pass'],
  load: () =>
    Promise.resolve((registry: Registry) => {
      verb(registry, 'put <thing> [places...]', 'Puts a thing somewhere.')
        .alias('lay')
        .option('-n, --number <number>', 'how many', '1')
        .option('--tag <tag>', 'a tag', collect, [])
        .option('--no-prompt', 'do not ask')
        .option('--force', 'do it')
        .option('--wait [duration]', 'wait')
        .formats('yaml', 'json', 'tabular')
        .missing('no thing specified')
        .examples('juju put stone table')
        .action((thing: string, places: string[], flags: Record<string, unknown>, { given, calledAs }: Invocation) => {
          seen = { thing, places, flags: { ...flags }, given: [...given], calledAs, model: sessionOf(flags).model };
          if (thing === 'fire') throw new Error('too hot');
          registry.terminal.out(`${thing}\n`);
        });
      verb(registry, 'pass <target> [words...]', 'Hands words on.')
        .passThroughOptions()
        .action((target: string, words: string[]) => {
          seen = { target, words };
        });
    }),
};

async function juju(...args: string[]): Promise<Outcome> {
  let [out, err] = ['', ''];
  const code = await runSuperCommand(
    { name: 'juju', families: [family], basics: 'basics\n', open: (model) => new Session(model ?? 'current') },
    args,
    { out: (text) => (out += text), err: (text) => (err += text) },
  );
  return { code, out, err };
}

describe('the command line', () => {
  beforeEach(() => (seen = undefined));

  it('takes options anywhere, in all of their spellings', async () => {
    expect(
      await juju(
        '--debug',
        'lay',
        '-n2',
        'a',
        '--force',
        '--tag=x',
        'b',
        '--tag',
        'y',
        '-m',
        'ctrl:me/two',
        '--',
        '-c',
      ),
    ).toEqual({
      code: 0,
      out: 'a\n',
      err: '',
    });
    expect(seen).toMatchObject({
      thing: 'a',
      places: ['b', '-c'],
      flags: { number: '2', force: true, tag: ['x', 'y'], prompt: true, model: 'ctrl:me/two', format: 'yaml' },
      given: ['number', 'force', 'tag', 'model'],
      calledAs: 'lay',
      model: 'ctrl:me/two',
    });
    await juju('put', 'a', '--no-prompt', '--force=false', '--wait=5s');
    expect(seen).toMatchObject({ flags: { prompt: false, force: false, wait: '5s' } });
    await juju('put', '--wait', 'a');
    expect(seen).toMatchObject({ thing: 'a', flags: { wait: true } });
    await juju('pass', 'there', 'ls', '-l', '--', 'x');
    expect(seen).toEqual({ target: 'there', words: ['ls', '-l', '--', 'x'] });
  });

  it.each([
    [['put'], 'no thing specified'],
    [['put', 'a', '--nosuch'], 'option provided but not defined: --nosuch'],
    [['put', 'a', '-x'], 'option provided but not defined: -x'],
    [['put', 'a', '-n'], 'option needs an argument: -n'],
    [
      ['put', 'a', '--force=maybe'],
      'invalid value "maybe" for option --force: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['put', 'a', '--format', 'xml'], 'invalid value "xml" for option --format: unknown format "xml"'],
    [['pass'], 'no target specified'],
    [['--nosuch', 'put', 'a'], 'option provided but not defined: --nosuch'],
  ])('%j is called wrongly: exit code 2', async (args, message) => {
    expect(await juju(...args)).toEqual({ code: 2, out: '', err: `ERROR ${message}\n` });
    expect(seen).toBeUndefined();
  });

  it('fails with exit code 1 and gives an empty document to whoever reads one', async () => {
    expect(await juju('put', 'fire')).toEqual({ code: 1, out: '{}\n', err: 'ERROR too hot\n' });
    expect(await juju('put', 'fire', '--format', 'json')).toEqual({ code: 1, out: '{}\n', err: 'ERROR too hot\n' });
    expect(await juju('put', 'fire', '--format', 'tabular')).toEqual({ code: 1, out: '', err: 'ERROR too hot\n' });
  });

  it('names the nearest verb, or none', async () => {
    expect(await juju('putt')).toEqual({
      code: 1,
      out: '',
      err: 'ERROR juju: "putt" is not a juju command. See "juju --help".\n\nDid you mean:\n\tput\n',
    });
    expect(await juju('xxxxxxxxxxxxxxxxx')).toEqual({
      code: 1,
      out: '',
      err: 'ERROR unrecognized command: juju xxxxxxxxxxxxxxxxx\n',
    });
  });

  it('helps', async () => {
    for (const args of [[], ['help'], ['--help'], ['-h']])
      expect(await juju(...args)).toEqual({ code: 0, out: 'basics\n', err: '' });
    const { out } = await juju('put', '--help');
    expect(out).toBe((await juju('help', 'lay')).out);
    expect(out).toMatch(
      /^Usage: juju put \[options\] <thing> \[<places> ...\]\n\nSummary:\nPuts a thing somewhere.\n\nOptions:\n/,
    );
    expect(out).toContain('-n, --number (= "1")\n    how many\n');
    expect(out).toContain('Aliases: lay\n\nExamples:\n    juju put stone table\n');
    expect((await juju('help', 'commands')).out).toBe(
      "lay   Alias for 'put'.\npass  Hands words on.\nput   Puts a thing somewhere.\n",
    );
  });
});

describe('the verbs', () => {
  it.each([...jujuFamilies, ...emulatorFamilies].map((each) => [each.names[0] ?? '', each] as const))(
    'the file of %s declares the names by which it is found',
    async (_name, each) => {
      const declared = (await allVerbs([each])).flatMap(({ name, otherNames }) => [name, ...otherNames]);
      expect([...declared].sort()).toEqual([...each.names].sort());
    },
  );

  it('have names of their own and a help', async () => {
    const verbs = await allVerbs([...jujuFamilies, ...emulatorFamilies]);
    const names = verbs.flatMap(({ name, otherNames }) => [name, ...otherNames]);
    expect(names).toEqual([...new Set(names)]);
    for (const each of verbs) expect(verbHelp(each, 'juju')).toMatch(/^Usage: juju \S+.*\n\nSummary:\n\S/);
  });
});
