import { join } from 'node:path';
import {
  clientEndpoints,
  isPackagingAction,
  missingSans,
  namesOfPackage,
  sharedCommonName,
  takenName,
} from '../domain/client-credentials';
import type { CertificateFacts, CertificateRequest, Observed } from '../domain/observed';
import { clientProblem, clientRequest } from '../domain/plan-tls';
import { utcTime } from '../domain/utc-time';
import type { ClientAnswer } from '../ports/certificate-authority';
import { certificateFacts } from '../ports/certificate-facts';
import { homeUser } from '../ports/paths';
import { done, failed, type Action, type ActionCall, type ActionOutcome } from './action';
import { credentialsOutput, runAgain } from './credentials-output';
import { readCredentialsRequest, type CredentialsRequest } from './credentials-request';

/** Far more than a package takes, bytes. */
const neededBytes = 1024 * 1024;

/** A certificate that may be packaged, and what it was asked for with. */
interface Found {
  readonly facts: CertificateFacts;
  readonly named: { readonly relationId: string; readonly request: CertificateRequest } | null;
}

/**
 * `generate-client-certificates` and `package-client-credentials`: key, certificate and authority for a client outside, in a file for
 * the machine's user alone. A client with a name of its own is asked for at the authority, and collected when the action is run again.
 */
export const action: Action = async (call) => {
  const request = readCredentialsRequest(call.parameters);
  if (typeof request === 'string') return failed(request);
  const refused = await unwritableHome(call);
  if (refused !== null) return failed(refused);
  const observed = await call.observe();
  const endpoints = clientEndpoints(observed);
  if (observed.tls.ca === null || observed.tls.client === null)
    return failed(
      'There are no certificates on this unit yet: relate a certificate authority (juju integrate etcd:certificates easyrsa:client) or wait until it has answered.',
    );
  if (endpoints.length === 0)
    return failed(
      'No member of the cluster is known to this unit yet: wait until its status says that the cluster is healthy.',
    );
  const { commonName } = request;
  const found =
    commonName === null ? sharedCertificate(observed) : await namedCertificate(call, observed, request, commonName);
  return 'facts' in found ? packaged(call, request, found, endpoints) : found;
};

/** Why nothing can be put into the home, or null. */
async function unwritableHome({ execution: { files, paths } }: ActionCall): Promise<string | null> {
  if ((await files.list(paths.home)) === null)
    return `There is no directory ${paths.home} on this unit to put the credentials into: make it for the user ${homeUser} (install -d -o ${homeUser} -m 750 ${paths.home}), then run the action again.`;
  if ((await files.freeBytes(paths.home)) < neededBytes)
    return `The disk of ${paths.home} is full: free at least 1 MiB, then run the action again.`;
  return null;
}

/** What is in use on this unit, and given to all clients on `db`. */
function sharedCertificate({ tls, now }: Observed): Found | ActionOutcome {
  const { client } = tls;
  const problem = client === null ? 'is missing' : clientProblem(client, now);
  if (client !== null && problem === null) return { facts: client, named: null };
  return failed(
    `The client certificate on this unit ${problem ?? ''}: nothing was packaged. See juju status for what the certificate authority has to do.`,
  );
}

/** Asks for the certificate, or collects it. */
async function namedCertificate(
  call: ActionCall,
  observed: Observed,
  asked: CredentialsRequest,
  commonName: string,
): Promise<Found | ActionOutcome> {
  const taken = takenName(observed, commonName);
  if (taken !== null) return failed(`The common-name is refused: ${taken}.`);
  const { relationId } = observed.certificateAuthority;
  if (relationId === null)
    return failed(
      `This unit is related to no certificate authority that could be asked for ${commonName}: juju integrate etcd:certificates easyrsa:client, or leave common-name out.`,
    );
  const { authority, files, paths } = call.execution;
  const request = { commonName, sans: asked.sans };
  const answer = await authority.clientAnswer(relationId, request);
  const step = clientRequest(relationId, request, answer, observed.now);
  if (step !== null) {
    await call.perform(step);
    return pending(call, asked, commonName, askedWords(answer.state, commonName));
  }
  if (answer.state !== 'answered') return pending(call, asked, commonName, waitingWords(answer.state, commonName));
  const { facts, signing, material } = answer;
  const problem = clientProblem(facts, observed.now);
  if (problem !== null)
    return failed(`The certificate that the authority gave for ${commonName} ${problem}: choose another common-name.`);
  // Authorities that make the keys keep one certificate per name, whatever it is for.
  if (signing === null && facts.serverAuth)
    return failed(`The authority gave the certificate of a server for ${commonName}: choose another common-name.`);
  // An authority that takes CSRs may leave the common name out; the certificate is told by its key.
  if (facts.commonName !== '' && facts.commonName !== commonName)
    return failed(
      `The authority gave a certificate for ${facts.commonName} instead of ${commonName}: run the action again later.`,
    );
  const trusted = certificateFacts(material.certificate, material.key, await files.read(paths.pki.ca));
  if (!trusted.signedByCa)
    return failed(
      `The certificate for ${commonName} is signed by another authority than the one that the members trust: see juju status, then run the action again.`,
    );
  return { facts, named: { relationId, request } };
}

const askedWords = (state: ClientAnswer['state'], commonName: string): string =>
  state === 'not-asked'
    ? `Asked the certificate authority for a client certificate for ${commonName}.`
    : `The certificate for ${commonName} ${state === 'revoked' ? 'was taken back by its authority' : 'ends soon'}: asked for a new one.`;

const waitingWords = (state: ClientAnswer['state'], commonName: string): string =>
  state === 'revoked'
    ? `The certificate authority took back the certificate for ${commonName} right after it was asked for.`
    : `The certificate authority has not answered yet for ${commonName}.`;

function pending(call: ActionCall, request: CredentialsRequest, commonName: string, first: string): ActionOutcome {
  const again = runAgain(call.execution.context, call.name, request);
  const output = [
    first,
    'It answers in a hook of its own, as a rule within seconds. Then run the action again with the same parameters; it collects what came:',
    `  ${again}`,
    'Nothing was packaged yet. If this goes on, look at the authority with juju status.',
  ].join('\n');
  return done({ status: 'pending', 'common-name': commonName, command: again, output });
}

async function packaged(
  call: ActionCall,
  request: CredentialsRequest,
  { facts, named }: Found,
  endpoints: readonly string[],
): Promise<ActionOutcome> {
  const { context, paths } = call.execution;
  if (!isPackagingAction(call.name)) throw new Error(`${call.name} packages nothing`);
  const commonName = request.commonName ?? (facts.commonName || sharedCommonName);
  const names = namesOfPackage(call.name, request.format, request.commonName);
  const path = join(paths.home, names.file);
  const password = names.passwordFile === null ? null : join(paths.home, names.passwordFile);
  await call.perform({
    kind: 'package-credentials',
    path,
    password,
    directory: names.directory,
    named,
    fingerprint: facts.fingerprint,
    application: context.application,
    commonName,
    notAfter: facts.notAfter,
    endpoints,
    renewal: runAgain(context, call.name, request),
  });
  const shared = { unit: context.unit, application: context.application, path, password };
  const missing = missingSans(facts, { commonName, sans: request.sans });
  const { command, output } = credentialsOutput({
    ...shared,
    names,
    commonName,
    facts,
    missing,
    now: call.execution.clock.now(),
  });
  return done({
    status: 'packaged',
    path,
    ...(password === null ? {} : { password: { path: password } }),
    format: request.format,
    'common-name': commonName,
    expiry: utcTime(facts.notAfter),
    endpoints: endpoints.join(','),
    command,
    copy: { cmd: command },
    output,
  });
}
