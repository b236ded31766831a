import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import { etcdBinaries, supportedMinors } from '../support/etcd-binaries';
import { put, readPrefix } from '../support/gateway-client';
import type { LightModel } from '../support/light-model';
import { lightSuite } from '../support/light-suite';
import { savePlainSnapshot } from '../support/plain-snapshot';

const suite = lightSuite('restore forms');
const exhaustive = process.env['EXHAUSTIVE'] === '1';
jest.setTimeout(300_000);

/** `etcdctl snapshot save` ends with a sha256 of all before it; what the Python charm copied has none. */
const withoutHash = (snapshot: Buffer): Buffer => snapshot.subarray(0, snapshot.length - 32);

/** An archive as the Python charm makes it, of a database. */
function pythonArchive(path: string, db: Buffer): string {
  const tree = `${path}.tree`;
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, 'db'), db);
  create({ file: path, cwd: tree, gzip: true, sync: true }, ['.']);
  return path;
}

const keptAt = async (model: LightModel, unit: string): Promise<Record<string, string>> =>
  Object.fromEntries(await readPrefix(model.endpoint(unit), '/kept/', model.tls(unit)));

async function restored(model: LightModel, source: string): Promise<void> {
  const unit = model.leader();
  await put(model.endpoint(unit), '/kept/lost', source, model.tls(unit));
  const { status, message } = await model.emulator.runAction(unit, 'restore', { source, 'skip-backup': true });
  expect({ source, status, message }).toEqual({ source, status: 'completed', message: '' });
  expect(await keptAt(model, unit)).toEqual(Object.fromEntries(model.written));
  await model.emulator.settle();
}

for (const minor of supportedMinors) {
  const there = etcdBinaries().some(({ name }) => name.startsWith(`${minor}.`));
  (there ? test : test.skip)(
    `etcd ${minor}: backups are restored in the forms they come in, and a unit joins what was restored`,
    async () => {
      await using model = await suite.model();
      await model.explain(`forms of ${minor}`, async () => {
        await model.deploy(1, [], 'easyrsa', {}, minor);
        await model.healthy(1);
        await model.write('before');
        const plain = savePlainSnapshot(model, model.leader(), minor);
        const at = (name: string): string => join(dirname(plain), name);
        const db = readFileSync(plain);
        const taken = await model.emulator.runAction(model.leader(), 'snapshot', { target: dirname(plain) });
        writeFileSync(at('bare.db'), withoutHash(db));
        const usual = [pythonArchive(at('python.tar.gz'), withoutHash(db)), plain];
        const more = [
          (taken.results['snapshot'] as { readonly path: string }).path,
          at('bare.db'),
          pythonArchive(at('python-with-hash.tar.gz'), db),
        ];
        // What differs between versions is the tool, and that sees a database with a hash or without.
        for (const source of exhaustive || minor === '3.5' ? [...usual, ...more] : usual) await restored(model, source);
        // The Python charm's cluster could not be scaled after a restore.
        await model.emulator.addUnit('etcd', 1);
        await model.healthy(2, 150_000, /^; restored to revision \d+ as generation \d+/);
        for (const unit of model.units()) expect(await keptAt(model, unit)).toEqual(Object.fromEntries(model.written));
      });
    },
  );
}
