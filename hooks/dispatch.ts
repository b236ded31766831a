import { main } from '../src/main';

// Every hook and action comes through here; which one it is stands in the environment.
void main(process.argv.slice(2)).then((exitCode) => {
  if (exitCode !== undefined) process.exitCode = exitCode;
});
