import type { TlsFacts } from '../domain/observed';
import { certificateFacts } from '../ports/certificate-facts';
import type { Files } from '../ports/files';
import type { Paths } from '../ports/paths';

/** The certificates on disk. A missing file is null; a key that is missing does not match. */
export async function observeTls(files: Files, paths: Paths): Promise<TlsFacts> {
  const { pki } = paths;
  const [ca, server, serverKey, client, clientKey] = await Promise.all(
    [pki.ca, pki.serverCertificate, pki.serverKey, pki.clientCertificate, pki.clientKey].map((path) =>
      files.read(path),
    ),
  );
  const facts = (certificate: string | null | undefined, key: string | null | undefined) =>
    certificate === null || certificate === undefined ? null : certificateFacts(certificate, key ?? '', ca ?? null);
  return {
    ca: ca === null || ca === undefined ? null : certificateFacts(ca, null, ca),
    server: facts(server, serverKey),
    client: facts(client, clientKey),
  };
}
