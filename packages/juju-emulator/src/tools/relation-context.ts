import type { RemoteSettingsCache } from './remote-settings-cache';
import type { RelationChange, RelationFacts, Settings, UniterApi } from './uniter-api';

/** A bag being edited: '' marks a deleted key, which is not shown but sent. */
class EditableBag {
  changed = false;

  private constructor(private readonly values: Map<string, string>) {}

  static of(settings: Settings): EditableBag {
    return new EditableBag(new Map(Object.entries(settings)));
  }

  set(key: string, value: string): void {
    this.values.set(key, value);
    this.changed = true;
  }

  shown(): Settings {
    return Object.fromEntries([...this.values].filter(([, value]) => value !== ''));
  }

  whole(): Settings {
    return Object.fromEntries(this.values);
  }
}

/** One relation as one hook sees it: members, remote bags through the agent's cache, own bags with pending writes. */
export class RelationContext {
  private unitBag: EditableBag | undefined;
  private applicationBag: EditableBag | undefined;

  constructor(
    readonly facts: RelationFacts,
    private readonly api: UniterApi,
    private readonly remote: RemoteSettingsCache,
  ) {}

  /** `db:1` */
  get fakeId(): string {
    return `${this.facts.endpoint}:${this.facts.id}`;
  }

  get memberNames(): readonly string[] {
    return this.remote.memberNames;
  }

  /** Whether relation-ids shows it: not when dead, nor when it is ending and its last member is gone. */
  get isListed(): boolean {
    if (this.facts.life === 'dead') return false;
    return (this.facts.life === 'alive' && !this.facts.suspended) || this.memberNames.length > 0;
  }

  async readUnit(name: string): Promise<Settings> {
    return this.remote.unitSettings(name, () => this.api.readRemoteSettings(this.facts.id, name));
  }

  async readApplication(name: string): Promise<Settings> {
    return this.remote.applicationSettings(name, () => this.api.readRemoteSettings(this.facts.id, name));
  }

  async readOwnUnit(): Promise<Settings> {
    return (await this.ownUnitBag()).shown();
  }

  async readOwnApplication(): Promise<Settings> {
    return (await this.ownApplicationBag()).shown();
  }

  async writeOwnUnit(changes: readonly (readonly [string, string])[]): Promise<void> {
    const bag = await this.ownUnitBag();
    for (const [key, value] of changes) bag.set(key, value);
  }

  async writeOwnApplication(changes: readonly (readonly [string, string])[]): Promise<void> {
    const bag = await this.ownApplicationBag();
    for (const [key, value] of changes) bag.set(key, value);
  }

  /** What the commit says of this relation; the unit bag goes along as soon as it was loaded. */
  pendingChange(): RelationChange | undefined {
    const applicationChanged = this.applicationBag?.changed === true;
    if (this.unitBag === undefined && !applicationChanged) return undefined;
    return {
      relationId: this.facts.id,
      ...(this.unitBag === undefined ? {} : { unitSettings: this.unitBag.whole() }),
      ...(applicationChanged && this.applicationBag !== undefined
        ? { applicationSettings: this.applicationBag.whole() }
        : {}),
    };
  }

  private async ownUnitBag(): Promise<EditableBag> {
    this.unitBag ??= EditableBag.of(await this.api.readSettings(this.facts.id));
    return this.unitBag;
  }

  private async ownApplicationBag(): Promise<EditableBag> {
    this.applicationBag ??= EditableBag.of(await this.api.readLocalApplicationSettings(this.facts.id));
    return this.applicationBag;
  }
}
