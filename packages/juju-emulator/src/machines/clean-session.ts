import { cleanHost } from './clean';

// Program that script/test runs at its end: removes what the run that is named by its argument left behind.
async function main(): Promise<void> {
  const session = process.argv[2] ?? '';
  if (session === '') throw new Error('clean-session: name the session');
  const removed = await cleanHost({ session });
  for (const model of removed) process.stderr.write(`removed what was left of model ${model}\n`);
}
main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
