import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionOutcome } from '../../src/actions/action';
import { action } from '../../src/actions/client-credentials-action';
import { ActionParameters } from '../../src/actions/parameters';
import type { Observed } from '../../src/domain/observed';
import { known } from '../../src/domain/probe';
import type { Step } from '../../src/domain/step';
import { packageCredentials } from '../../src/execute/execute-credentials';
import { done, type Execution } from '../../src/execute/execution';
import { observeTls } from '../../src/observe/observe-tls';
import type { ClientAnswer } from '../../src/ports/certificate-authority';
import { certificateFacts } from '../../src/ports/certificate-facts';
import type { Files } from '../../src/ports/files';
import { NodeFiles } from '../../src/ports/files-node';
import { makePaths } from '../../src/ports/paths';
import { aClusterMember } from '../unit/an-observed';
import type { Issued } from './pki';

/** A unit with certificates and a home, and an authority that answers as told. */
export class PackagingUnit {
  readonly root = mkdtempSync(join(tmpdir(), 'credentials-'));
  readonly paths = makePaths(this.root);
  readonly performed: Step[] = [];
  readonly files: Files = new NodeFiles(() => Promise.resolve(null));
  answer: ClientAnswer = { state: 'not-asked' };
  relationId: string | null = 'certificates:1';
  clientUrls: readonly string[] | null = null;
  jujuVersion = '3.6.8';

  constructor(
    private readonly ca: string,
    client: Issued,
  ) {
    mkdirSync(this.paths.home, { recursive: true });
    this.install(client, ca);
  }

  /** Puts the certificates on the disk that clients share. */
  install({ certificate, key }: Issued, ca: string): void {
    const { pki } = this.paths;
    mkdirSync(pki.directory, { recursive: true });
    writeFileSync(pki.ca, ca);
    writeFileSync(pki.clientCertificate, certificate);
    writeFileSync(pki.clientKey, key);
  }

  async run(
    name: 'generate-client-certificates' | 'package-client-credentials' = 'generate-client-certificates',
    parameters: Readonly<Record<string, string>> = {},
    change: Partial<Files> = {},
  ): Promise<ActionOutcome> {
    const files = Object.assign(Object.create(this.files) as Files, change);
    const execution = {
      context: { unit: 'etcd/0', application: 'etcd', jujuVersion: this.jujuVersion },
      files,
      paths: this.paths,
      clock: { now: () => Date.now() },
      owner: null,
      authority: { clientAnswer: () => Promise.resolve(this.answer) },
      freshSecret: () => `secret-${Math.random()}`,
    } as unknown as Execution;
    const observe = async (): Promise<Observed> => {
      const world = aClusterMember({ size: 3 });
      const { members } = world.cluster;
      const moved = (members.known ? members.value : []).map((member, index) => {
        const url = this.clientUrls?.[index];
        return url === undefined ? member : { ...member, clientUrls: [url as never] };
      });
      return {
        ...world,
        now: Date.now(),
        tls: await observeTls(files, this.paths),
        certificateAuthority: { ...world.certificateAuthority, relationId: this.relationId },
        cluster: { ...world.cluster, members: known(moved) },
      };
    };
    return action({
      name,
      parameters: new ActionParameters(parameters),
      execution,
      observe,
      lookAgain: observe,
      perform: async (step) => {
        this.performed.push(step);
        if (step.kind === 'package-credentials') await packageCredentials(step, execution);
        return done;
      },
      progress: () => Promise.resolve(),
    });
  }

  /** The authority answered; `signing` is null where it makes the keys. */
  answered(
    { certificate, key }: Issued,
    { ca = this.ca, signing = null }: { ca?: string; signing?: { id: string; since: number } | null } = {},
  ): void {
    const facts = certificateFacts(certificate, key, ca);
    this.answer = { state: 'answered', signing, facts, material: { ca, certificate, key } };
  }

  home(): string[] {
    return readdirSync(this.paths.home).sort();
  }

  /** Unpacks a package as whoever fetched it does. */
  unpack(file: string): string {
    const directory = join(this.root, 'fetched here');
    mkdirSync(directory);
    execFileSync('tar', ['-xzf', join(this.paths.home, file), '-C', directory]);
    return directory;
  }
}
