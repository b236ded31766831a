import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelationBag } from '@juju/charm-helpers-ts';
import {
  charmUnderTest,
  relation,
  runHook,
  state,
  type CharmUnderTest,
  type HookOutcome,
  type TestEvent,
} from '@juju/charm-helpers-ts/testing';
import { charm } from '../../src/charm';
import type { Entry } from '../../src/entries';

export interface Remote {
  readonly app: string;
  readonly application?: RelationBag;
  readonly bags: Readonly<Record<string, RelationBag>>;
}

/** A unit of the charm with its authority in a directory of its own, run hook by hook. */
export class Provider {
  readonly #dir = mkdtempSync(join(tmpdir(), 'local-ca-'));
  /** The own application's bags, by relation. */
  bags: Readonly<Record<string, RelationBag>> = {};
  config: Record<string, string | boolean> = {};
  leader = true;
  now = Date.now();

  private constructor(private readonly files: CharmUnderTest) {}

  static async create(config: Record<string, string | boolean> = {}): Promise<Provider> {
    const holder: { provider?: Provider } = {};
    const files = await charmUnderTest(join(__dirname, '..', '..'), (run) =>
      charm(run, { stateDir: holder.provider?.stateDir ?? '', now: () => holder.provider?.now ?? 0 }),
    );
    holder.provider = new Provider(files);
    holder.provider.config = config;
    return holder.provider;
  }

  get stateDir(): string {
    return join(this.#dir, 'authority');
  }

  entries(id = 'certificates:0'): readonly Entry[] {
    return JSON.parse(this.bags[id]?.['certificates'] ?? '[]') as readonly Entry[];
  }

  /** Runs a hook; what is not in `bag` afterwards was not written. */
  async run(
    event: TestEvent,
    remotes: Readonly<Record<string, Remote>> = {},
    unit = 'local-ca/0',
  ): Promise<HookOutcome & { readonly wrote: boolean }> {
    const relations = Object.entries(remotes).map(([id, { app, application = {}, bags }]) =>
      relation(id, {
        remoteApplication: app,
        remoteApplicationBag: application,
        remoteUnits: bags,
        localApplicationBag: this.bags[id] ?? {},
      }),
    );
    const before = state({ unit, leader: this.leader, relations, config: this.config });
    const after = await runHook(this.files, event, before, { allowInconsistent: true });
    const wrote = after.relations.some(
      ({ id, localApplicationBag }) => localApplicationBag['certificates'] !== this.bags[id]?.['certificates'],
    );
    this.bags = {
      ...this.bags,
      ...Object.fromEntries(after.relations.map((one) => [one.id, one.localApplicationBag])),
    };
    return { ...after, wrote };
  }

  remove(): void {
    // What a killed hook had started may still write there for a moment.
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10 });
  }
}
