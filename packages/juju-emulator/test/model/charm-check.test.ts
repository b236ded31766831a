import { parseCharm } from '../../src/model';

const said = (files: Partial<Parameters<typeof parseCharm>[0]>): string => {
  try {
    parseCharm({ metadata: 'name: x\nsummary: s\ndescription: d\n', ...files });
    return 'fine';
  } catch (error) {
    return (error as Error).message;
  }
};
const metadata = (rest: string): string => `name: x\nsummary: s\ndescription: d\n${rest}`;

describe('a charm that breaks the rules is refused in words of Juju', () => {
  it.each([
    ['{}', 'metadata: name: expected string, got nothing'],
    ['name: 3', 'metadata: name: expected string, got int(3)'],
    ['name: x', 'metadata: summary: expected string, got nothing'],
    ['name: X_y\nsummary: s\ndescription: d', 'charm name "X_y" not valid'],
    ['- a', 'parsing "metadata.yaml" file: metadata: expected map, got list'],
    [metadata('provides: {db: {}}'), 'metadata: provides.db.interface: expected string, got nothing'],
    [metadata('provides: {db: {interface: i, scope: here}}'), 'metadata: provides.db.scope: unexpected value "here"'],
    [
      metadata('requires: {db: {interface: i, limit: many}}'),
      'metadata: requires.db.limit: expected int, got string("many")',
    ],
    [metadata('provides: {juju-x: i}'), 'charm "x" using a reserved relation name: "juju-x"'],
    [metadata('provides: {a: juju-x}'), 'charm "x" relation "a" using a reserved interface: "juju-x"'],
    [metadata('provides: {a: i}\nrequires: {a: i}'), 'charm "x" using a duplicated relation name: "a"'],
    [metadata('subordinate: true'), 'subordinate charm "x" lacks "requires" relation with container scope'],
    [metadata('subordinate: true\nrequires: {juju-info: {interface: juju-info, scope: container}}'), 'fine'],
    [metadata('requires: {a: juju-info}'), 'fine'],
    [metadata('peers: {ring: ring}'), 'fine'],
  ])('%j: %s', (text, message) => {
    expect(said({ metadata: text })).toBe(message);
  });

  it('yaml that is none names the file and what is wrong', () => {
    expect(said({ metadata: 'name: [x' })).toMatch(/^parsing "metadata.yaml" file: yaml: .+/);
    expect(said({ config: 'options: {a: [' })).toMatch(/^parsing "config.yaml" file: yaml: .+/);
    expect(said({ actions: '{' })).toMatch(/^parsing "actions.yaml" file: yaml: .+/);
  });

  it.each([
    ['options: {a: {type: colour}}', 'invalid config: option "a" has unknown type "colour"'],
    ['options: {a: {type: int, default: x}}', 'invalid config default: option "a" expected int, got "x"'],
    ['options: {a: {type: boolean, default: 1}}', 'invalid config default: option "a" expected boolean, got 1'],
    ['options: {a: {type: int, default: 3}, b: {default: ""}}', 'fine'],
  ])('%s: %s', (config, message) => {
    expect(said({ config })).toBe(message);
  });

  it.each([
    ['juju-x: {}', 'cannot use action name juju-x: "juju" is a reserved name'],
    ['Do_It: {}', 'bad action name Do_It'],
    ['do-it: {}', 'fine'],
  ])('%s: %s', (actions, message) => {
    expect(said({ actions })).toBe(message);
  });
});
