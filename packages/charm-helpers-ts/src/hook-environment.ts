import { isRelationId, isUnitName, type RelationId, type UnitName } from './names';

/** The environment is not one that Juju makes. It names every variable that is missing or malformed. */
export class HookContextError extends Error {
  readonly code = 'bad-hook-environment';
  readonly operation = 'parse hook context';
  readonly retryable = false;

  constructor(readonly problems: readonly string[]) {
    super(`not a Juju hook environment: ${problems.join('; ')} (a charm is run by the Juju agent, not by hand)`);
    this.name = 'HookContextError';
  }
}

/** Reads variables and collects what is wrong with them, so that one error can tell all of it. */
export class HookEnvironment {
  readonly #problems: string[] = [];

  constructor(readonly env: Readonly<Record<string, string | undefined>>) {}

  /** Null where unset or empty: Juju sets most variables to the empty string where they do not apply. */
  optional(name: string): string | null {
    const value = this.env[name];
    return value === undefined || value === '' ? null : value;
  }

  required(name: string, shownAs = name): string {
    const value = this.optional(name);
    if (value === null) this.wrong(`${shownAs} is not set`);
    return value ?? '';
  }

  unit(name: string): UnitName {
    return this.#unitNamed(name, this.required(name));
  }

  optionalUnit(name: string): UnitName | null {
    const value = this.optional(name);
    return value === null ? null : this.#unitNamed(name, value);
  }

  relationId(name: string): RelationId {
    const value = this.required(name);
    if (value !== '' && !isRelationId(value)) this.wrong(`${name}="${value}" is no relation id such as "db:7"`);
    return value as RelationId;
  }

  /** Null where unset; the value must be one of those allowed. */
  oneOf<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.optional(name);
    if (value === null) return null;
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.wrong(`${name}="${value}" is none of ${allowed.join(', ')}`);
    return found ?? null;
  }

  integer(name: string): number | null {
    const value = this.optional(name);
    if (value === null) return null;
    if (!/^[0-9]+$/.test(value)) this.wrong(`${name}="${value}" is no number`);
    return Number(value);
  }

  wrong(problem: string): void {
    this.#problems.push(problem);
  }

  /** @throws HookContextError where anything was missing or malformed. */
  throwIfWrong(): void {
    if (this.#problems.length > 0) throw new HookContextError(this.#problems);
  }

  #unitNamed(name: string, value: string): UnitName {
    if (value !== '' && !isUnitName(value)) this.wrong(`${name}="${value}" is no unit name such as "db/0"`);
    return value as UnitName;
  }
}
