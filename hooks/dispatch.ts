import { main } from '../src/main';

// Every hook and action comes through here; which one it is stands in the environment.
void main(process.argv.slice(2)).then((exitCode) => {
  // Whatever is still open is nobody's any more, and to take all of it down costs Node 5 ms.
  if (exitCode !== undefined) process.exit(exitCode);
});
