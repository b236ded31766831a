import { jujuRelease } from '../context';
import type { HookSession } from './hook-session';
import { PlainText, type KitCall, type KitTools } from './kit-tool';
import { refuse } from './refusal';
import type { SecretState } from './state';
import { option, type ToolArguments } from './tool-arguments';
import { stringValues } from './yaml-input';

const secretKey = /^[a-z](?:-?[a-z0-9]){2,}$/;

/** `secret-*` of Juju 3.0 and later. */
const tools: KitTools = {
  'secret-add': async ({ session, args, privateFile }) => {
    const content = await secretContent(privateFile);
    if (Object.keys(content).length === 0) refuse(2, 'missing secret value or filename');
    const owner = option(args, '--owner') === 'unit' ? 'unit' : 'application';
    if (owner === 'application' && !session.before.leader) refuse(1, 'this unit is not the leader');
    // Ids are 20 characters; here they count.
    const id = `testing${String(session.pending.secrets.length).padStart(13, '0')}`;
    const secret: SecretState = {
      id,
      owner,
      label: null,
      description: null,
      rotate: 'never',
      expire: null,
      revisions: [content],
      tracked: 1,
      grants: [],
    };
    keep(session, [...session.pending.secrets, { ...secret, ...metadata(args) }]);
    return new PlainText(`secret:${id}\n`);
  },
  'secret-get': ({ session, args }) => {
    const secret = find(session, args, args.positional[0]);
    const latest = secret.revisions.length;
    if (args.options['--refresh'] === true) change(session, { ...secret, tracked: latest });
    const ahead = args.options['--refresh'] === true || args.options['--peek'] === true;
    return secret.revisions[(ahead ? latest : secret.tracked) - 1] ?? refuse(1, 'secret revision not found');
  },
  'secret-info-get': ({ session, args }) => {
    const secret = find(session, args, args.positional[0]);
    if (secret.owner === 'remote') refuse(1, `secret "${secret.id}" not found`);
    return {
      [secret.id]: {
        revision: secret.revisions.length,
        ...(secret.label === null ? {} : { label: secret.label }),
        owner: secret.owner,
        ...(secret.description === null ? {} : { description: secret.description }),
        rotation: secret.rotate,
        ...(secret.expire === null ? {} : { expiry: secret.expire }),
      },
    };
  },
  'secret-ids': ({ session }) => {
    const own = session.pending.secrets.filter((one) => one.owner !== 'remote').map((one) => one.id);
    return own.length === 0 ? null : own.sort();
  },
  'secret-set': async ({ session, args, privateFile }) => {
    const secret = find(session, args, args.positional[0]);
    const content = await secretContent(privateFile);
    const latest = secret.revisions.at(-1) ?? {};
    const isNew = Object.keys(content).length > 0 && !sameContent(content, latest);
    const revisions = isNew ? [...secret.revisions, content] : secret.revisions;
    change(session, { ...secret, ...metadata(args), revisions });
  },
  'secret-remove': ({ session, args }) => {
    const secret = find(session, args, args.positional[0]);
    if (option(args, '--revision') === null)
      keep(
        session,
        session.pending.secrets.filter((one) => one !== secret),
      );
  },
  'secret-grant': ({ session, args }) => {
    const secret = find(session, args, args.positional[0]);
    change(session, { ...secret, grants: [...new Set([...secret.grants, ...grantees(session, args)])] });
  },
  'secret-revoke': ({ session, args }) => {
    const secret = find(session, args, args.positional[0]);
    const revoked = grantees(session, args);
    change(session, { ...secret, grants: secret.grants.filter((one) => !revoked.includes(one)) });
  },
};

/** With a guard against Juju 2.9, which has no secrets. */
export const secretKitTools: KitTools = Object.fromEntries(
  Object.entries(tools).map(([name, tool]) => [
    name,
    (call: KitCall): unknown => {
      if (jujuRelease(call.session.before.jujuVersion).major < 3) refuse(1, `bad request: unknown command: ${name}`);
      return tool(call);
    },
  ]),
);

async function secretContent(text: string | undefined): Promise<Readonly<Record<string, string>>> {
  const content = await stringValues(text);
  for (const key of Object.keys(content)) if (!secretKey.test(key)) refuse(2, `key ${JSON.stringify(key)} not valid`);
  return content;
}

function metadata(args: ToolArguments): Partial<SecretState> {
  const label = option(args, '--label');
  const description = option(args, '--description');
  const rotate = option(args, '--rotate');
  const expire = option(args, '--expire');
  return {
    ...(label === null ? {} : { label }),
    ...(description === null ? {} : { description }),
    ...(rotate === null ? {} : { rotate }),
    ...(expire === null ? {} : { expire }),
  };
}

const bareId = (uri: string): string => uri.slice(Math.max(uri.lastIndexOf(':'), uri.lastIndexOf('/')) + 1);

function find(session: HookSession, args: ToolArguments, uri: string | undefined): SecretState {
  const label = option(args, '--label');
  const found = session.pending.secrets.find((one) =>
    uri === undefined ? one.label === label : one.id === bareId(uri),
  );
  return (
    found ??
    refuse(
      1,
      uri === undefined ? `secret URI for consumer label "${label}" not found` : `secret "${bareId(uri)}" not found`,
    )
  );
}

function keep(session: HookSession, secrets: readonly SecretState[]): void {
  session.pending = { ...session.pending, secrets };
}

const change = (session: HookSession, changed: SecretState): void =>
  keep(
    session,
    session.pending.secrets.map((one) => (one.id === changed.id ? changed : one)),
  );

function grantees(session: HookSession, args: ToolArguments): readonly string[] {
  const unit = option(args, '--unit');
  if (unit !== null) return [unit];
  const { event } = session;
  const relation = option(args, '-r', '--relation') ?? ('relationId' in event ? event.relationId : null);
  return relation === null ? refuse(2, 'no relation id specified') : [relation];
}

const sameContent = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};
