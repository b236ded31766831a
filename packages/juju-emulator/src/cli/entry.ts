import { runCli } from './main';

const name = process.env['JUJU_EMULATOR_ROLE'] === 'juju' ? 'juju' : 'juju-emulator';
void runCli(name, process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}).then((code) => {
  process.exitCode = code;
});
