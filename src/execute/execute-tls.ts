import type { RelationId } from '@juju/charm-helpers-ts';
import { CharmError } from '../domain/errors';
import type { StepOf } from '../domain/step';
import { ensureUser } from './ensure-user';
import type { Execution } from './execution';

export async function requestCertificate(step: StepOf<'request-certificate'>, execution: Execution): Promise<void> {
  await execution.authority.ask(step.relationId, step.request, step.replaced);
  execution.pending.certificateRequest = true;
}

export async function requestClientCertificate(
  step: StepOf<'request-client-certificate'>,
  { authority }: Execution,
): Promise<void> {
  await authority.askClient(step.relationId, step.request, step.replaced);
}

/** The CA first and each certificate before its key: etcd re-reads both for every handshake, and a crash between them is cured by the next hook. */
export async function installCertificates(step: StepOf<'install-certificates'>, execution: Execution): Promise<void> {
  const { authority, files, paths, owner } = execution;
  const material = authority.material(step.fingerprints);
  if (material === null) {
    throw new CharmError({
      code: 'CERTIFICATE_INVALID',
      operation: 'install certificates',
      message: 'The certificate authority changed its answer in between; the next hook looks again.',
      retryable: true,
    });
  }
  await ensureUser(execution);
  const { pki } = paths;
  const mine = owner === null ? {} : { owner };
  await files.makeDirectory(paths.configDirectory, { mode: 0o755 });
  await files.makeDirectory(pki.directory, { mode: 0o700, ...mine });
  const options = { mode: 0o600, ...mine };
  await files.writeAtomic(pki.ca, material.ca, options);
  await files.writeAtomic(pki.serverCertificate, material.serverCertificate, options);
  await files.writeAtomic(pki.serverKey, material.serverKey, options);
  await files.writeAtomic(pki.clientCertificate, material.clientCertificate, options);
  await files.writeAtomic(pki.clientKey, material.clientKey, options);
}

/** What a step names: a relation's id in this hook. */
export const relationOf = (step: { readonly relationId: string }): RelationId => step.relationId as RelationId;
