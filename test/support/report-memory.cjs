// Preloaded (--require) into a program whose memory a test measures: at SIGUSR2 it collects all garbage and writes what is left, bytes.
const { renameSync, writeFileSync } = require('node:fs');

const file = process.env.MEMORY_REPORT;
let reports = 0;
process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  reports += 1;
  writeFileSync(`${file}.new`, JSON.stringify({ reports, used: heapUsed + external }));
  renameSync(`${file}.new`, file);
});
