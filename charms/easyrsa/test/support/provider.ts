import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
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
  type RunHookOptions,
  type TestEvent,
} from '@juju/charm-helpers-ts/testing';
import { charm } from '../../src/charm';
import { easyRsaScript } from '../../src/easy-rsa';

/** Why the real easy-rsa cannot be driven here, or null. */
export const easyRsaMissing = existsSync(easyRsaScript) ? null : `no ${easyRsaScript}: run script/setup`;

export interface Remote {
  readonly app: string;
  readonly bags: Readonly<Record<string, RelationBag>>;
}

/** A unit of the charm on the real easy-rsa, with its authority in a directory of its own, run hook by hook. */
export class Provider {
  #dir = mkdtempSync(join(tmpdir(), 'easyrsa-'));
  #bags: Readonly<Record<string, RelationBag>> = {};
  #kept: { readonly dir: string; readonly bags: Readonly<Record<string, RelationBag>> } | null = null;

  private constructor(
    private readonly files: CharmUnderTest,
    private readonly config: Readonly<Record<string, boolean>>,
  ) {}

  static async create(config: Readonly<Record<string, boolean>> = {}): Promise<Provider> {
    const holder: { provider?: Provider } = {};
    const files = await charmUnderTest(join(__dirname, '..', '..'), async (run) => {
      await charm(run, { stateDir: holder.provider?.stateDir ?? '' });
    });
    holder.provider = new Provider(files, config);
    return holder.provider;
  }

  get stateDir(): string {
    return join(this.#dir, 'authority');
  }

  /** The own unit's bag in a relation. */
  bag(id: string): RelationBag {
    return this.#bags[id] ?? {};
  }

  async run(
    event: TestEvent,
    remotes: Readonly<Record<string, Remote>> = {},
    options: RunHookOptions & { readonly leader?: boolean; readonly unit?: string } = {},
  ): Promise<HookOutcome> {
    const { leader = true, unit = 'easyrsa/0', ...rest } = options;
    const relations = Object.entries(remotes).map(([id, { app, bags }]) =>
      relation(id, { remoteApplication: app, remoteUnits: bags, localUnitBag: this.bag(id) }),
    );
    const addresses = { private: '10.99.0.10', public: '10.99.0.10' };
    const before = state({ unit, leader, relations, config: this.config, addresses });
    const after = await runHook(this.files, event, before, { allowInconsistent: true, ...rest });
    this.#bags = { ...this.#bags, ...Object.fromEntries(after.relations.map((one) => [one.id, one.localUnitBag])) };
    return after;
  }

  /** Remembers everything as it is, for {@link putBack}. */
  keep(): void {
    const dir = mkdtempSync(join(tmpdir(), 'easyrsa-kept-'));
    cpSync(this.#dir, dir, { recursive: true });
    this.#kept = { dir, bags: this.#bags };
  }

  putBack(): void {
    if (this.#kept === null) throw new Error('nothing was kept');
    rmSync(this.#dir, { recursive: true });
    renameSync(this.#kept.dir, this.#dir);
    this.#bags = this.#kept.bags;
    this.#kept = null;
  }

  remove(): void {
    // What a killed hook had started may still write there for a moment.
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10 });
  }
}
