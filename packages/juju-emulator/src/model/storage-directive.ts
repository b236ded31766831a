import { ModelError } from './model-error';
import { parseSize } from './storage-size';

/** What an operator asks of a storage: `pool,size,count` in any order. */
export interface StorageDirective {
  /** Name of a pool; empty = the model's default. */
  readonly pool: string;
  /** MiB; 0 = the charm's minimum, or 1 GiB. */
  readonly size: number;
  readonly count: number;
}

const poolName = /^[a-zA-Z]+[-?a-zA-Z0-9]*$/;
const refuse = (message: string): never => {
  throw new ModelError('not-valid', 'parse storage directive', message);
};

/** `loop,1G,2`. @throws ModelError in Juju's words. */
export function parseStorageDirective(source: string): StorageDirective {
  let pool = '';
  let size = 0;
  let count = 0;
  for (const field of source.split(',').filter((part) => part !== '')) {
    if (poolName.test(field)) {
      if (pool !== '') refuse(`pool name is already set to "${pool}", new value "${field}" not valid`);
      pool = field;
    } else if (/^-?[0-9]+$/.test(field)) {
      if (count !== 0) refuse(`storage instance count is already set to ${count}, new value ${field} not valid`);
      count = Number(field);
      if (count <= 0) refuse(`cannot parse count: count must be greater than zero, got "${field}"`);
    } else {
      const parsed = parseSize(field) ?? refuse(`unrecognized storage directive "${field}" not valid`);
      if (parsed < 0) refuse(`cannot parse size: expected a non-negative number, got "${field}"`);
      if (size !== 0) refuse(`storage size is already set to ${size}, new value ${parsed} not valid`);
      size = parsed;
    }
  }
  if (count === 0 && size === 0 && pool === '') refuse('storage directives require at least one field to be specified');
  return { pool, size, count: count === 0 ? 1 : count };
}

/** `name=directive` or `name` (one more), as `add-storage` takes them. @throws ModelError in Juju's words. */
export function parseStorageDirectives(args: readonly string[]): Record<string, StorageDirective> {
  const directives: Record<string, StorageDirective> = {};
  for (const argument of args) {
    const [name = '', directive, ...more] = argument.split('=');
    if (more.length > 0 || name === '') refuse(`expected "name=directive" or "name", got "${argument}"`);
    if (directives[name] !== undefined) refuse(`storage "${name}" specified more than once`);
    try {
      directives[name] = directive === undefined ? { pool: '', size: 0, count: 1 } : parseStorageDirective(directive);
    } catch (error) {
      refuse(`cannot parse directive for storage "${name}": ${(error as Error).message}`);
    }
  }
  return directives;
}
