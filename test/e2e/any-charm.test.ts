import { bookshop, packLibrarian, pythonVenv } from '../../packages/juju-emulator/test/support/python';
import { scratchDirectory } from '../../packages/juju-emulator/test/support/scratch';
import { EtcdModel, describeOnMachines } from '../support/etcd-model';

jest.setTimeout(300_000);

const describeWithPython = pythonVenv() === undefined ? describe.skip : describeOnMachines;

describeWithPython('charms of different make in one model', () => {
  it('TypeScript, Python with ops and shell: each pair does its work, and none is disturbed by the others', async () => {
    await using model = await EtcdModel.create('any charm');
    const { emulator } = model;
    await emulator.deploy(packLibrarian(scratchDirectory('any-charm'), '1.0'), { units: 2, config: { motto: 'hush' } });
    await emulator.deploy(bookshop);
    await model.deployEverything(1);
    await emulator.integrate('librarian:books', 'bookshop:books');
    await model.healthy(1);

    const { applications } = emulator.status();
    const messages = (name: string): string[] =>
      Object.values(applications[name]?.units ?? {}).map((unit) => unit['workload-status'].info);
    expect(messages('librarian')).toEqual(['hush', 'hush']);
    expect(messages('bookshop')[0]).toMatch(/^librarian\/[01] lent Moby Dick: hush$/);
    expect(Object.values(applications).map(({ status }) => status.status)).toEqual(
      Object.keys(applications).map(() => 'active'),
    );

    // Each unit has the tools and the environment of its own model's kind, whatever its charm is written in.
    const environment = async (unit: string): Promise<string[]> => {
      const { results } = await emulator.exec(
        unit,
        'env | cut -d= -f1 | grep ^JUJU_ | sort; ls /var/lib/juju/tools/unit-*',
      );
      return String(results['stdout']).split('\n');
    };
    const [ours, python, shell] = [
      await environment('etcd/0'),
      await environment('librarian/0'),
      await environment('bookshop/0'),
    ];
    expect(ours).toContain('relation-set');
    expect(python).toEqual(ours);
    expect(shell).toEqual(ours);

    await emulator.removeApplication('librarian');
    await model.healthy(1);
    expect(emulator.status().applications['bookshop']?.status.info).toBe('for a librarian');
  });
});
