import { readFileSync } from 'node:fs';
import { JujucRequestDecoder, JujucRequestEncoder, JujucResponseEncoder } from '../../src/wire/jujuc-protocol';
import { goldenFile } from './golden-files';

interface WireCall {
  readonly argv: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: readonly { readonly dir: 'C>S' | 'S>C'; readonly hex: string }[];
}

const path = goldenFile('wire.json');
const calls = path === undefined ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Record<string, WireCall>);

(path === undefined ? describe.skip : describe)('recorded bytes', () => {
  test.each(Object.entries(calls))('%s: the same in both directions', (_name, call) => {
    const decoder = new JujucRequestDecoder();
    const requests = new JujucRequestEncoder();
    const responses = new JujucResponseEncoder();
    let sequence = -1;
    const last = call.bytes.length - 1;
    call.bytes.forEach(({ dir, hex }, i) => {
      const recorded = Buffer.from(hex, 'hex');
      if (dir === 'C>S') {
        const decoded = decoder.push(recorded);
        expect(decoded).toHaveLength(1);
        for (const request of decoded) {
          sequence = request.sequence;
          expect([request.command, ...request.args]).toEqual(call.argv);
          expect(requests.encode(request).toString('hex')).toBe(hex);
        }
        return;
      }
      const refused = /^ERROR (bad request: .*)\n$/.exec(call.stderr)?.[1];
      const answer =
        i < last
          ? responses.encodeError(sequence, 'hook tool requires stdin, none supplied')
          : refused === undefined
            ? responses.encode(sequence, { code: call.exit, stdout: call.stdout, stderr: call.stderr })
            : responses.encodeError(sequence, refused);
      expect(answer.toString('hex')).toBe(hex);
    });
  });

  test('a request in single bytes is the same request', () => {
    for (const call of Object.values(calls)) {
      const [first] = call.bytes;
      const decoder = new JujucRequestDecoder();
      const decoded = [...Buffer.from(first?.hex ?? '', 'hex')].flatMap((byte) => decoder.push(Buffer.from([byte])));
      expect(decoded.map((request) => request.command)).toEqual([call.argv[0]]);
    }
  });
});

test('long arguments and stdin survive the encoding', () => {
  const request = {
    sequence: 1,
    contextId: 'app/0-start-1',
    dir: '/var',
    command: 'state-set',
    args: ['x'.repeat(70_000), '', 'ž'],
    stdin: Buffer.alloc(40_000, 7),
  };
  const [decoded] = new JujucRequestDecoder().push(new JujucRequestEncoder().encode(request));
  expect(decoded).toEqual(request);
});
