import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StateFile } from '../../src/agent/state-file';
import { newUnitState } from '../../src/uniter';
import { scratchDirectory } from '../support/scratch';

jest.setTimeout(60_000);

function juju(data: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, JUJU_EMULATOR_DATA: data };
  return new Promise((resolve) => {
    execFile(join(__dirname, '../../bin/juju'), args, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('state that is damaged', () => {
  it.each([
    ['damaged', '{"modelName": "lost"', /damaged \(/],
    ['whole', '{"modelName": "lost"}', /whose controller has ended; /],
  ])('of a model (%s) is told in a line and left as it is', async (_what, text, words) => {
    const data = scratchDirectory('damaged');
    const world = join(data, 'lost', 'world.json');
    mkdirSync(join(data, 'lost'));
    writeFileSync(world, text);
    const { code, stdout, stderr } = await juju(data, 'add-model', '--light', 'lost');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^ERROR failed to create new model: .*lost holds the state of a model "lost".*\n$/);
    expect(stderr).toMatch(words);
    expect(readFileSync(world, 'utf8')).toBe(text);
    expect(await juju(data, 'status', '-m', 'lost')).toMatchObject({ code: 1, stdout: '' });
  });

  it('of an agent is told and left as it is', () => {
    const path = join(scratchDirectory('agent-state'), 'state.json');
    const file = new StateFile(path);
    file.write(newUnitState());
    expect(new StateFile(path).read()).toEqual(newUnitState());
    const half = readFileSync(path, 'utf8').slice(0, 20);
    writeFileSync(path, half);
    expect(() => new StateFile(path).read()).toThrow(`${path} is damaged`);
    expect(readFileSync(path, 'utf8')).toBe(half);
  });
});
