import { listeningText } from '../domain/start-gate';
import { NodeFiles } from '../ports/files-node';
import { makePaths } from '../ports/paths';
import { heldBackExitCode } from '../ports/service-unit';
import { checkStart, heldBackLine, tlsAsk } from './check-start';
import { ownAnswer, readSettings } from './knowledge';
import { createResponder } from './responder';

/** `start-gate check ROOT` or `start-gate answer ROOT`, run by systemd without any hook. Gives the exit status; `answer` gives none. */
export async function startGate([what, root = '/']: readonly string[]): Promise<number | undefined> {
  const paths = makePaths(root);
  const files = new NodeFiles();
  if (what === 'check') {
    const held = await checkStart(files, paths, (port) => tlsAsk(files, paths, port));
    if (held === null) return 0;
    process.stderr.write(`${heldBackLine(held, await readSettings(files, paths))}\n`);
    return heldBackExitCode;
  }
  const settings = await readSettings(files, paths);
  const release = await files.read(paths.gate.release);
  if (settings === null || release === null) throw new Error('the start gate has no settings yet');
  const server = createResponder(paths, () => ownAnswer(files, paths));
  server.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  server.listen({ port: settings.port, ...(settings.listen === null ? {} : { host: settings.listen }) }, () => {
    void files.writeAtomic(paths.gate.listening, `${listeningText(release.trim(), settings)}\n`, { mode: 0o644 });
  });
  return undefined;
}
