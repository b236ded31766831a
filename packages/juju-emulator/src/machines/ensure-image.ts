import { ensureImage } from './machine-image';

// Program that script/setup runs: makes the machine image, with a line of progress for each stage.
const started = performance.now();
ensureImage({
  onLine: (line) =>
    process.stderr.write(`  machine image: ${line} (${Math.round((performance.now() - started) / 1000)} s)\n`),
}).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
