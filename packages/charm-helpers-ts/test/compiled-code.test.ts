import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCode, writeCode } from '../src/launch/compiled-code';

const program = 'v22.0.0 x64 7 1000 1';
const code = {
  data: Buffer.from([0xc0, 0xde, ...Array.from({ length: 500 }, (_, at) => at % 256)]),
  runs: ['hooks/install'],
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'compiled-code-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('code comes back as it was written, and nothing else is left beside it', () => {
  const path = join(directory, 'below', 'hooks');
  writeCode(path, program, code);
  expect(readCode(path, program)).toEqual(code);
  expect(readdirSync(join(directory, 'below'))).toEqual(['hooks']);
});

test('code of another program is none, and neither is what is not there', () => {
  const path = join(directory, 'hooks');
  writeCode(path, program, code);
  expect(readCode(path, 'v22.0.0 x64 7 1000 2')).toBeNull();
  expect(readCode(join(directory, 'nothing'), program)).toBeNull();
});

test('code is none after any one byte of its file was changed, or any part of its end is missing', () => {
  const path = join(directory, 'hooks');
  writeCode(path, program, code);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    writeFileSync(path, damaged);
    expect([at, readCode(path, program)]).toEqual([at, null]);
    writeFileSync(path, whole.subarray(0, at));
    expect([at, readCode(path, program)]).toEqual([at, null]);
  }
});

test('code that cannot be written is not, without a word', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  writeCode(join(file, 'hooks'), program, code);
  expect(readCode(join(file, 'hooks'), program)).toBeNull();
});
