import { emulatedVersion } from '../../controller/emulated-version';
import { toJson, toYaml } from '../document';
import { plainVerb, type Registry } from '../program';

/** Number, release and architecture, as Juju's client has them: `4.1-beta2-emulator-amd64`. */
export const clientVersion = `${emulatedVersion}-emulator-${process.arch === 'x64' ? 'amd64' : process.arch}`;

export function registerVersion(registry: Registry): void {
  const { terminal } = registry;
  plainVerb(registry, 'version', 'Print the Juju CLI client version.')
    .formats('smart', 'json', 'yaml')
    .option('--all', 'Prints all version information')
    .action((flags: { format: string; all?: boolean }) => {
      const value = flags.all === true ? { version: clientVersion, compiler: 'emulator' } : clientVersion;
      if (flags.format === 'json') terminal.out(toJson(value));
      else if (flags.format === 'yaml' || flags.all === true) terminal.out(toYaml(value));
      else terminal.out(`${clientVersion}\n`);
    });
}
