import { parsePortRange } from '@juju/charm-helpers-ts';
import { CharmError } from '../domain/errors';
import type { StepOf } from '../domain/step';
import { formatClientBag } from '../ports/client-bag';
import { memoryKey } from '../ports/memory';
import { formatAddresses, formatFounding, formatMembers, formatPeerUnitBag } from '../ports/peer-bags';
import { readCredentials } from '../ports/pem-credentials';
import { formatRecreation, recreationKey } from '../ports/recreation-bags';
import type { Execution } from './execution';
import { relationOf } from './execute-tls';

export async function publishPeer(step: StepOf<'publish-peer'>, { tools, pending }: Execution): Promise<void> {
  await tools.relationSet(formatPeerUnitBag(step.bag), { relation: relationOf(step) });
  pending.peerUnit = true;
}

export async function writeFounding(step: StepOf<'write-founding'>, { tools, pending }: Execution): Promise<void> {
  const founding = formatFounding(step.founding);
  await tools.relationSet({ founding }, { relation: relationOf(step), application: true });
  pending.peerApplication = true;
}

export async function writeRecreation(step: StepOf<'write-recreation'>, { tools, pending }: Execution): Promise<void> {
  const written = { [recreationKey]: formatRecreation(step.recreation) };
  await tools.relationSet(written, { relation: relationOf(step), application: true });
  pending.peerApplication = true;
}

export async function recordMembers(step: StepOf<'record-members'>, { tools, pending }: Execution): Promise<void> {
  const written = { members: formatMembers(step.members), addresses: formatAddresses(step.addresses) };
  await tools.relationSet(written, { relation: relationOf(step), application: true });
  pending.peerApplication = true;
}

export async function remember(step: StepOf<'remember'>, { tools }: Execution): Promise<void> {
  await tools.stateSet({ [memoryKey]: JSON.stringify(step.memory) });
}

export async function publishClient(step: StepOf<'publish-client'>, { tools, files, paths }: Execution): Promise<void> {
  const credentials = await readCredentials(files, paths, 'client');
  if (credentials === null) {
    throw new CharmError({
      code: 'CERTIFICATE_INVALID',
      operation: 'publish client',
      message: 'A certificate file under /etc/etcd/pki is gone; the next hook writes it again.',
      retryable: true,
    });
  }
  const { ca, certificate: clientCertificate, key: clientKey } = credentials;
  await tools.relationSet(formatClientBag(step.connectionString, step.version, { ca, clientCertificate, clientKey }), {
    relation: relationOf(step),
  });
}

/** Closed before opened: Juju refuses a range that overlaps another one of this unit. */
export async function setPorts(step: StepOf<'set-ports'>, { tools }: Execution): Promise<void> {
  const ranges = (texts: readonly string[]) => texts.map(parsePortRange).filter((range) => range !== null);
  for (const range of ranges(step.close)) await tools.closePort(range);
  for (const range of ranges(step.open)) await tools.openPort(range);
}
