import { emulatedVersion } from '../../controller/emulated-version';
import { plainVerb, type Registry } from '../program';

export function registerVersion(registry: Registry): void {
  plainVerb(registry, 'version', 'Print the Juju CLI client version.')
    .formats('smart', 'json', 'yaml')
    .option('--all', 'Prints all version information')
    .action((flags: { format: string }) => {
      const version = `${emulatedVersion}-emulator`;
      registry.terminal.out(flags.format === 'json' ? `"${version}"\n` : `${version}\n`);
    });
}
