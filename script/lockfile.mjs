#!/usr/bin/env node
// Completes package-lock.json after `npm install`: a registry mirror may lack optional packages of other platforms, and `npm ci` then refuses
// the lockfile although nobody here would install them. Adds what the parents pin exactly, with the platform that the name tells.
import { readFileSync, writeFileSync } from 'node:fs';
import { commandLine } from './lib/command-line.mjs';

commandLine(
  'script/lockfile.mjs',
  `
script/lockfile.mjs

Adds to package-lock.json the optional packages of other platforms that a registry mirror lacks: npm ci refuses a lockfile without them.
Run it after each npm install of a package.
`,
);

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = ['darwin', 'linux', 'win32', 'freebsd', 'netbsd', 'openbsd', 'android', 'openharmony', 'aix', 'sunos'];
const processors = {
  x64: 'x64',
  arm64: 'arm64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
};

let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[`node_modules/${name}`] || !/^\d/.test(version)) continue;
    const words = name.split(/[/-]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = Object.keys(processors).filter((processor) => words.includes(processor));
    if (name.includes('arm-') && !cpu.includes('arm')) cpu.push('arm');
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu.length > 0 ? { cpu } : {}),
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: os.length > 0 ? os : ['none'],
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} packages of other platforms added`);
