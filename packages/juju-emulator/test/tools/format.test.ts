import fc from 'fast-check';
import { parse } from 'yaml';
import { formatFloatG } from '../../src/format/go-number';
import { encodeJson } from '../../src/format/go-json';
import { quote } from '../../src/format/go-quote';
import { boolOption, parseArguments, stringOption } from '../../src/format/option-parser';
import { encodeYaml } from '../../src/format/yaml-emitter';
import { parseSettingsYaml } from '../../src/format/settings-yaml';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
process.stdout.write(`format.test.ts: SEED=${seed}\n`);

// Text as charms write it: lines, indents, quotes, and what yaml takes for something else.
// Some numbers are left bare (1e3, 0888): Juju's own fault, kept, and not to be read back.
const bareNumber = /^[-+]?[0-9.]+(?:e[-+]?\d+)?$/i;
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 120 }),
    fc.string({ unit: fc.constantFrom(' ', '\n', 'a', ':', '#', '-', "'", '"', '1', '0', 'é'), maxLength: 200 }),
    fc.constantFrom('yes', 'null', '~', '1_000', '0x1f', '12:30', '2001-01-01', '-', '? a', '---', '%a', 'a: b'),
  )
  .filter((value) => !bareNumber.test(value) && value !== '=' && value !== '<<');

test('yaml output is read back as what it was', () => {
  const value = fc.letrec<{ tree: never }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(text, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ) as never,
  })).tree;
  fc.assert(
    fc.property(fc.dictionary(text, value, { maxKeys: 4, noNullPrototype: true }), (map) => {
      expect(parse(encodeYaml(map), { version: '1.1', merge: false })).toEqual(map);
    }),
    { seed, numRuns: 300 },
  );
});

test('json output is read back as what it was, and is safe in html', () => {
  fc.assert(
    fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (map) => {
      const encoded = encodeJson(map);
      expect(JSON.parse(encoded)).toEqual(map);
      expect(encoded).not.toMatch(/[<>&]/);
    }),
    { seed },
  );
});

test('what yaml output holds comes back through --file', () => {
  fc.assert(
    fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (map) => {
      const parsed = parseSettingsYaml(encodeYaml(map));
      expect(parsed.ok ? Object.fromEntries(parsed.settings) : parsed.message).toEqual(map);
    }),
    { seed },
  );
});

test.each([
  [1000000, '1e+06'],
  [999999, '999999'],
  [1234567.5, '1.2345675e+06'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [2, '2'],
  [-0, '-0'],
])('%d as Go prints a float: %s', (value, expected) => {
  expect(formatFloatG(value)).toBe(expected);
});

test('map keys are in natural order, letters last', () => {
  const keys = ['a10', 'a2', 'B', 'a', '10', '9', '-'];
  expect(encodeYaml(Object.fromEntries(keys.map((key) => [key, 1n])))).toBe(
    '\'-\': 1\n"9": 1\n"10": 1\nB: 1\na: 1\na2: 1\na10: 1\n',
  );
});

test('quoting keeps what is printable and escapes the rest', () => {
  expect(quote('a"\\\n\u0001é\u00a0')).toBe('"a\\"\\\\\\n\\x01é\\u00a0"');
});

test.each([
  ['[1]\n', 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]string'],
  ['a: b\nc: {d: e}\n', 'yaml: unmarshal errors:\n  line 2: cannot unmarshal !!map into string'],
  ['a: b: c\n', 'yaml: mapping values are not allowed in this context'],
])('a settings file %j is refused', (content, message) => {
  expect(parseSettingsYaml(content)).toEqual({ ok: false, message });
});

describe('options', () => {
  const parseWith = async (args: string[]): Promise<unknown> => {
    const seen: Record<string, unknown> = {};
    const parsed = await parseArguments(
      [
        stringOption(['r', 'relation'], (value) => (seen['relation'] = value)),
        boolOption(['a', 'all'], (value) => (seen['all'] = value)),
      ],
      args,
    );
    return parsed.ok ? { ...seen, rest: parsed.positional } : parsed.help ? 'help' : parsed.message;
  };
  test.each([
    [['x', '-r', '1', 'y'], { relation: '1', rest: ['x', 'y'] }],
    [['-r1'], { relation: '1', rest: [] }],
    [['-ar', '1'], { all: true, relation: '1', rest: [] }],
    [['--relation=', '--all=false'], { relation: '', all: false, rest: [] }],
    [['--', '-r', '1'], { rest: ['-r', '1'] }],
    [['-', ''], { rest: ['-', ''] }],
    [['-r'], 'option needs an argument: -r'],
    [['-rel'], { relation: 'el', rest: [] }],
    [['-xr'], 'option provided but not defined: -x'],
    [['--all=maybe'], 'invalid value "maybe" for option --all: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [['--help'], 'help'],
  ])('%j', async (args, expected) => {
    expect(await parseWith(args)).toEqual(expected);
  });
});
