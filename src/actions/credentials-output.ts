import type { HookContext } from '@juju/charm-helpers-ts';
import type { PackageNames } from '../domain/client-credentials';
import type { CertificateFacts } from '../domain/observed';
import { credentialFiles } from '../domain/render-credentials';
import { utcTime } from '../domain/utc-time';
import type { CredentialsRequest } from './credentials-request';

/** The command line that runs the action again with the same parameters, as this version of Juju spells it. */
export function runAgain(
  { unit, jujuVersion }: Pick<HookContext, 'unit' | 'jujuVersion'>,
  action: string,
  { format, commonName, sans }: CredentialsRequest,
): string {
  const parameters = [
    ...(commonName === null ? [] : [`common-name=${commonName}`]),
    // A star is for the shell.
    ...(sans.length === 0 ? [] : [sans.join().includes('*') ? `'sans=${sans.join()}'` : `sans=${sans.join()}`]),
    ...(format === 'tar' ? [] : [`format=${format}`]),
  ];
  const run = jujuVersion.startsWith('2.') ? 'juju run-action --wait' : 'juju run';
  return [run, unit, action, ...parameters].join(' ');
}

interface Packaged {
  readonly unit: string;
  readonly application: string;
  readonly path: string;
  readonly password: string | null;
  readonly names: PackageNames;
  readonly commonName: string;
  readonly facts: CertificateFacts;
  /** SANs that were asked for in vain. */
  readonly missing: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A certificate that ends sooner than this is said to, milliseconds. */
const soon = 30 * 24 * 3600 * 1000;

/** The command that fetches the package, and the text that teaches how it is used. */
export function credentialsOutput(packaged: Packaged): { readonly command: string; readonly output: string } {
  const { unit, application, path, password, names, commonName, facts, missing, now } = packaged;
  const files = password === null ? [path] : [path, password];
  const command = `juju scp ${files.map((file) => `${unit}:${file}`).join(' ')} .`;
  const notes = [
    ...(facts.notAfter - now < soon ? ['The certificate ends soon: ask its authority for a newer one.'] : []),
    ...(missing.length > 0 ? [`The authority put these SANs not into the certificate: ${missing.join(', ')}.`] : []),
    ...(names.passwordFile === null ? [] : ['etcdctl reads no PKCS#12: for etcdctl choose format=tar.']),
  ];
  const output = [
    `Client credentials of ${commonName}, good until ${utcTime(facts.notAfter)}, are in ${path} on ${unit}; only its user ubuntu can read them.`,
    'Fetch and use them:',
    ...[command, ...use(names)].map((line) => `  ${line}`),
    `If the members cannot be reached, open the firewall: juju expose ${application}`,
    `Then remove the private key from the unit: juju ssh ${unit} rm ${files.join(' ')}`,
    ...notes,
  ].join('\n');
  return { command, output };
}

function use({ file, passwordFile, directory }: PackageNames): readonly string[] {
  if (passwordFile !== null) return [`openssl pkcs12 -in ${file} -passin file:${passwordFile} -nokeys`];
  const unpacked = directory ?? file.replace(/\.tar\.gz$/, '');
  const unpack =
    directory === null ? `mkdir -m 700 ${unpacked} && tar -xzf ${file} -C ${unpacked}` : `tar -xzf ${file}`;
  return [unpack, `. ./${unpacked}/${credentialFiles.environment}`, 'etcdctl endpoint health'];
}
