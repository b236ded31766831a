import { withDefaults } from '../actions';
import { isRecord } from '../tools/output';
import type { HookSession } from './hook-session';
import type { KitTools } from './kit-tool';
import { refuse } from './refusal';

const reserved = new Set(['stdout', 'stderr', 'stdout-encoding', 'stderr-encoding']);
const keyPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** `action-*`: results and failure are kept whatever the program's end. */
export const actionKitTools: KitTools = {
  'action-get': ({ session, args }) => {
    running(session);
    const { event, charm } = session;
    if (event.kind !== 'action') return refuse(1, 'not running an action');
    const spec = charm.actions[event.name];
    const params = spec === undefined ? event.params : withDefaults(spec, event.params);
    const [key] = args.positional;
    return key === undefined ? params : at(params, key.split('.'));
  },
  'action-set': ({ session, args }) => {
    const pairs = args.positional.map((arg) => {
      const separator = arg.indexOf('=');
      if (separator < 1) refuse(2, `argument ${JSON.stringify(arg)} must be of the form key...=value`);
      const path = arg.slice(0, separator).split('.');
      for (const part of path) {
        if (reserved.has(part)) refuse(2, `cannot set reserved action key "${part}"`);
        if (!keyPattern.test(part))
          refuse(2, `key ${JSON.stringify(part)} must start and end with lowercase alphanumeric`);
      }
      return [path, arg.slice(separator + 1)] as const;
    });
    const action = running(session);
    for (const [path, value] of pairs) action.results = put(action.results, path, value);
  },
  'action-fail': ({ session, args }) => {
    const message = args.positional[0] ?? 'action failed without reason given, check action for errors';
    running(session).failure = message;
  },
  'action-log': ({ session, args }) => {
    running(session).log.push(args.positional.join(' '));
  },
};

function running(session: HookSession): NonNullable<HookSession['action']> {
  return session.action ?? refuse(1, 'not running an action');
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value) ?? null;
}

function put(results: Record<string, unknown>, path: readonly string[], value: string): Record<string, unknown> {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return { ...results, [first]: value };
  const inner = results[first];
  return { ...results, [first]: put(isRecord(inner) ? { ...inner } : {}, rest, value) };
}
