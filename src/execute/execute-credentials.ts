import { basename, dirname, join } from 'node:path';
import { CharmError } from '../domain/errors';
import { credentialFiles, renderEnvironment, renderReadme } from '../domain/render-credentials';
import type { StepOf } from '../domain/step';
import { certificateFacts } from '../ports/certificate-facts';
import { homeUser } from '../ports/paths';
import { makeArchive } from './credentials-archive';
import type { Execution } from './execution';
import { makePkcs12, type ClientPems } from './pkcs12';

/**
 * Writes a package of client credentials into the home of the machine's user, readable by that one only. It is complete before
 * anything is written; a crash leaves the old package or the new one.
 */
export async function packageCredentials(step: StepOf<'package-credentials'>, execution: Execution): Promise<void> {
  const { files, clock, owner } = execution;
  const pems = await currentPems(step, execution);
  const mine = { mode: 0o600, ...(owner === null ? {} : { owner: homeUser }) };
  const { password } = step;
  if (password === null) {
    const content = [
      { name: credentialFiles.readme, content: renderReadme(step) },
      { name: credentialFiles.environment, content: renderEnvironment(step.endpoints) },
      { name: credentialFiles.ca, content: pems.ca },
      { name: credentialFiles.certificate, content: pems.certificate },
      { name: credentialFiles.key, content: pems.key },
    ];
    const archive = await makeArchive(step.directory, content, clock.now());
    await removeRemains(step.path, execution);
    return files.writeAtomic(step.path, archive, mine);
  }
  const secret = execution.freshSecret();
  const file = await makePkcs12(pems, step.commonName, secret);
  for (const path of [step.path, password]) await removeRemains(path, execution);
  // The old file first: a crash in between leaves none, and never one beside the password of another.
  await files.remove(step.path);
  await files.writeAtomic(password, `${secret}\n`, mine);
  await files.writeAtomic(step.path, file, mine);
}

/** The key, certificate and authority that the step names, and no others. Line ends as on this machine. */
async function currentPems(step: StepOf<'package-credentials'>, execution: Execution): Promise<ClientPems> {
  const { files, paths, authority } = execution;
  const ca = await files.read(paths.pki.ca);
  let certificate: string | null = null;
  let key: string | null = null;
  if (step.named === null) {
    certificate = await files.read(paths.pki.clientCertificate);
    key = await files.read(paths.pki.clientKey);
  } else {
    const answer = await authority.clientAnswer(step.named.relationId, step.named.request);
    if (answer.state === 'answered') ({ certificate, key } = answer.material);
  }
  const facts = certificate === null ? null : certificateFacts(certificate, key ?? '', ca);
  if (
    ca === null ||
    certificate === null ||
    key === null ||
    facts?.fingerprint !== step.fingerprint ||
    !facts.keyMatches
  )
    throw new CharmError({
      code: 'CERTIFICATE_INVALID',
      operation: 'package credentials',
      message: 'The certificates changed in between: run the action again.',
      retryable: true,
    });
  const lines = (text: string): string => `${text.replaceAll('\r\n', '\n').trim()}\n`;
  return { ca: lines(ca), certificate: lines(certificate), key: lines(key) };
}

/** Temporary files of writes that were killed hold secrets. */
async function removeRemains(path: string, { files }: Execution): Promise<void> {
  const directory = dirname(path);
  const remains = new RegExp(`^\\.${basename(path).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\.\\d+\\.new$`);
  for (const name of (await files.list(directory)) ?? [])
    if (remains.test(name)) await files.remove(join(directory, name));
}
