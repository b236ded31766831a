import { destroyAll, lightEmulator } from '../support/light';
import { TestRecord } from '../support/record';
import { shellCharm } from '../support/shell-charm';

jest.setTimeout(60_000);
afterEach(destroyAll);

const record = new TestRecord();
afterEach(() => record.clear());

const charm = (name: string, endpoints: string) =>
  shellCharm({
    metadata: `name: ${name}\nsummary: s\ndescription: d\n${endpoints}`,
    dispatch: `case $hook in *-relation-*) echo "$JUJU_UNIT_NAME $hook $JUJU_RELATION_ID $JUJU_REMOTE_APP $JUJU_REMOTE_UNIT" >> ${record.file}; esac
case $hook in *-joined) relation-set from=$JUJU_UNIT_NAME;; esac`,
  });

const sql = charm('sql', 'provides: {db: {interface: sql}, admin: {interface: sql}}\n');
const app = charm('app', 'requires: {db: {interface: sql}}\n');

describe('relations of two applications', () => {
  it('may be several on one endpoint, each with hooks, id and data of its own', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(sql);
    for (const name of ['one', 'two']) {
      await emulator.deploy(app, { name });
      await emulator.integrate(`${name}:db`, 'sql:db');
    }
    await emulator.settle();
    const joined = record.lines('sql/0 ').filter((line) => line.includes('joined'));
    expect(joined.sort()).toEqual(['db-relation-joined db:0 one one/0', 'db-relation-joined db:1 two two/0']);
    expect((await emulator.exec('sql/0', 'relation-ids db; relation-get -r db:1 from two/0')).results).toMatchObject({
      stdout: 'db:0\ndb:1\ntwo/0\n',
    });
    await emulator.removeRelation('one', 'sql');
    await emulator.settle();
    expect(record.lines('sql/0 ').slice(-2)).toEqual([
      'db-relation-departed db:0 one one/0',
      'db-relation-broken db:0 one ',
    ]);
    expect((await emulator.exec('sql/0', 'relation-ids db')).results).toMatchObject({ stdout: 'db:1\n' });
  });

  it('may be two between the same applications by different endpoints', async () => {
    const emulator = await lightEmulator();
    await emulator.deploy(sql);
    await emulator.deploy(app);
    await expect(emulator.integrate('app', 'sql')).rejects.toThrow(
      'ambiguous relation: "app sql" could refer to "app:db sql:db"; "app:db sql:admin"',
    );
    for (const endpoint of ['db', 'admin']) await emulator.integrate('app:db', `sql:${endpoint}`);
    await emulator.settle();
    expect(
      record
        .lines('sql/0 ')
        .filter((line) => line.includes('joined'))
        .sort(),
    ).toEqual(['admin-relation-joined admin:1 app app/0', 'db-relation-joined db:0 app app/0']);
    expect(
      record
        .lines('app/0 ')
        .filter((line) => line.includes('joined'))
        .sort(),
    ).toEqual(['db-relation-joined db:0 sql sql/0', 'db-relation-joined db:1 sql sql/0']);
  });
});
