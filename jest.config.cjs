// One project per test layer, so that script/test can run and report them side by side.
const esmOnly = [
  'execa',
  '@sindresorhus/merge-streams',
  'figures',
  'get-stream',
  'human-signals',
  'is-plain-obj',
  'is-stream',
  'npm-run-path',
  'path-key',
  'parse-ms',
  'pretty-ms',
  'strip-final-newline',
  'unicorn-magic',
  'yoctocolors',
  '@sec-ant/readable-stream',
  'is-unicode-supported',
];
const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  // Copies of packages that packing makes are no modules of ours.
  modulePathIgnorePatterns: ['<rootDir>/.cache/', '<rootDir>/dist/'],
  transform: {
    '^.+\\.(t|j|mj)s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    '^@juju/charm-helpers-ts$': '<rootDir>/packages/charm-helpers-ts/src/index.ts',
    '^@juju/charm-helpers-ts/testing$': '<rootDir>/packages/charm-helpers-ts/src/testing/index.ts',
    '^juju-emulator$': '<rootDir>/packages/juju-emulator/src/index.ts',
    // It exports for `import` alone, which jest's CommonJS does not ask for.
    '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js',
  },
};
const project = (displayName, dirs, extra = {}) => ({
  ...base,
  displayName,
  testMatch: dirs.map((dir) => `<rootDir>/${dir}/**/*.test.ts`),
  ...extra,
});
module.exports = {
  // Not a bound on speed: real programs answer late on a busy machine, and a hang shall end.
  testTimeout: 60_000,
  projects: [
    project('unit', ['test/unit', 'packages/charm-helpers-ts/test', 'charms/*/test']),
    project('property', ['test/property']),
    project('charm', ['test/charm']),
    project('contract', ['test/contract']),
    project('emulator', ['packages/juju-emulator/test']),
    project('light', ['test/light']),
    project('e2e', ['test/e2e']),
  ],
};
