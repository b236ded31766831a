import { CharmError } from '../domain/errors';

/**
 * The parameters of an action as `action-get` has them: Juju has checked them against actions.yaml and filled in the defaults.
 * What is nevertheless of another type (an older Juju checks less) is refused here.
 */
export class ActionParameters {
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.values = values;
  }

  text(name: string, missing = ''): string {
    const value = this.values[name] ?? missing;
    if (typeof value !== 'string') throw wrongType(name, 'text', value);
    return value;
  }

  /** Text, or the number that `name=5` on Juju's command line is. */
  textOrNumber(name: string): string {
    const value = this.values[name] ?? '';
    if (typeof value !== 'string' && typeof value !== 'number') throw wrongType(name, 'text or a number', value);
    return String(value);
  }

  flag(name: string, missing = false): boolean {
    const value = this.values[name] ?? missing;
    if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value);
    return value;
  }

  /** A whole number; null where it was not given. */
  integer(name: string): number | null {
    const value = this.values[name] ?? null;
    if (value !== null && !Number.isSafeInteger(value)) throw wrongType(name, 'a whole number', value);
    return value as number | null;
  }
}

const wrongType = (name: string, wanted: string, value: unknown): CharmError =>
  new CharmError({
    code: 'CONFIG_INVALID',
    operation: 'action-get',
    message: `The parameter ${name} must be ${wanted}, not ${JSON.stringify(value)}; nothing was changed.`,
    retryable: false,
  });
