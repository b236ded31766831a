import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Imports point downwards only: docs/explanation/architecture.md has the picture. */
const zones = [
  { target: './packages/charm-helpers-ts', from: ['./src', './charms', './packages/juju-emulator'] },
  { target: './packages/juju-emulator/src', from: ['./src', './charms', './packages/charm-helpers-ts'] },
  { target: './charms', from: ['./src', './packages/juju-emulator'] },
  { target: './src', from: ['./test', './packages/juju-emulator', './charms', './hooks', './actions'] },
  {
    target: './src/domain',
    from: ['./src/observe', './src/execute', './src/ports', './src/reactive', './src/actions', './node_modules'],
  },
  { target: './src/ports', from: ['./src/observe', './src/execute', './src/reactive', './src/actions'] },
  { target: './src/observe', from: ['./src/execute', './src/reactive', './src/actions'] },
  { target: './src/backup', from: ['./src/observe', './src/execute', './src/reactive', './src/actions', './src/gate'] },
  { target: './src/gate', from: ['./src/observe', './src/execute', './src/reactive', './src/actions'] },
  { target: './src/execute', from: ['./src/reactive', './src/actions'] },
  { target: './src/reactive', from: ['./src/actions', './src/ports'] },
  {
    target: './packages/juju-emulator/src/uniter',
    from: ['./packages/juju-emulator/src/{agent,machines,controller,cli,tools,wire}'],
  },
  {
    target: './packages/juju-emulator/src/model',
    from: ['./packages/juju-emulator/src/{agent,machines,controller,cli,tools,wire,uniter}'],
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.cache/**', 'coverage/**', '**/*.cjs', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'off',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/domain/**/*.ts', 'packages/juju-emulator/src/{model,uniter}/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'Pure code: no effects here.' }] }],
      'no-restricted-globals': ['error', 'process', 'Date', 'setTimeout', 'fetch'],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    },
  },
);
