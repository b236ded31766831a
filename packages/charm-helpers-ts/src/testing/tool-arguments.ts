import { refuse } from './refusal';

export interface ToolArguments {
  readonly positional: readonly string[];
  /** The last value of each option; `true` for those without one. */
  readonly options: Readonly<Record<string, string | true>>;
}

/** Options that take no value, over all tools. */
const switches = new Set([
  '--app',
  '--all',
  '-a',
  '--application',
  '--include-data',
  '--refresh',
  '--peek',
  '--now',
  '--strict',
  '--bind-address',
  '--ingress-address',
  '--egress-subnets',
  '--primary-address',
]);
/** `--endpoints` is a switch for `opened-ports` and takes a list for `open-port` and `close-port`. */
const isSwitch = (tool: string, option: string): boolean =>
  (switches.has(option) && !(option === '--app' && tool === 'secret-revoke')) ||
  (option === '--endpoints' && tool === 'opened-ports');

/** Takes a hook tool's arguments apart the way Juju does: options anywhere before `--`, `--name=value` or `--name value`. */
export function parseToolArguments(tool: string, args: readonly string[]): ToolArguments {
  const positional: string[] = [];
  const options: Record<string, string | true> = {};
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      positional.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
    } else if (arg.startsWith('--') && arg.includes('=')) {
      options[arg.slice(0, arg.indexOf('='))] = arg.slice(arg.indexOf('=') + 1);
    } else if (isSwitch(tool, arg)) {
      options[arg] = true;
    } else {
      index += 1;
      const value = args[index];
      if (value === undefined) refuse(2, `option needs an argument: ${arg}`);
      options[arg] = value;
    }
  }
  return { positional, options };
}

/** An option's text, under any of its names. */
export function option(args: ToolArguments, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = args.options[name];
    if (typeof value === 'string') return value;
  }
  return null;
}

/** `key=value` arguments. */
export function keyValues(args: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    args.map((arg) => {
      const at = arg.indexOf('=');
      if (at < 1) refuse(2, `expected "key=value", got ${JSON.stringify(arg)}`);
      return [arg.slice(0, at), arg.slice(at + 1)];
    }),
  );
}
