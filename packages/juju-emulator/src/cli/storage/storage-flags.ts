import { parseStorageDirective } from '../../model';
import { CliError } from '../cli-error';

const storageId = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*\/(?:0|[1-9][0-9]*)$/;

/** The values of `--storage`: `name=directive` each. */
export function storageDirectives(values: readonly string[]): Record<string, string> {
  const wrong = (value: string, why: string): CliError =>
    new CliError(`invalid value "${value}" for option --storage: ${why}`, 2);
  return Object.fromEntries(
    values.map((value): [string, string] => {
      const equals = value.indexOf('=');
      if (equals <= 0) throw wrong(value, 'expected [<application>:]<store>=<directive>');
      const directive = value.slice(equals + 1);
      try {
        parseStorageDirective(directive);
      } catch (error) {
        throw wrong(value, `cannot parse disk storage directive: ${(error as Error).message}`);
      }
      return [value.slice(0, equals), directive];
    }),
  );
}

/** The values of `--attach-storage`: ids, several with commas between; only one unit can have them. */
export function storageIds(values: readonly string[], units: number): string[] {
  const ids = values.flatMap((value) => value.split(','));
  for (const id of ids)
    if (!storageId.test(id))
      throw new CliError(`invalid value "${id}" for option --attach-storage: storage ID "${id}" not valid`, 2);
  if (ids.length > 0 && units !== 1) throw new CliError('--attach-storage cannot be used with -n', 2);
  return ids;
}
