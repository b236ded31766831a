import type { Settings } from './uniter-api';

/**
 * What the agent remembers of other units' bags in one relation. It outlives a context: a member's settings stay until
 * a joined or changed hook for that member is about to run, so data of other units may be as old as their last event.
 */
export class RemoteSettingsCache {
  private members = new Map<string, Settings | undefined>();
  private others = new Map<string, Settings>();
  private applications = new Map<string, Settings>();

  /** Called when a context is made: forgets all but the given members' settings. */
  prune(memberNames: readonly string[]): void {
    this.members = new Map(memberNames.map((name) => [name, this.members.get(name)]));
    this.others = new Map();
    this.applications = new Map();
  }

  /** The unit is a member and its settings are to be read again: a joined or changed hook starts. */
  invalidateMember(name: string): void {
    this.members.set(name, undefined);
  }

  removeMember(name: string): void {
    this.members.delete(name);
  }

  get memberNames(): readonly string[] {
    return [...this.members.keys()].sort();
  }

  async unitSettings(name: string, read: () => Promise<Settings>): Promise<Settings> {
    const known = this.members.get(name) ?? this.others.get(name);
    if (known !== undefined) return known;
    const settings = await read();
    (this.members.has(name) ? this.members : this.others).set(name, settings);
    return settings;
  }

  async applicationSettings(name: string, read: () => Promise<Settings>): Promise<Settings> {
    const known = this.applications.get(name);
    if (known !== undefined) return known;
    const settings = await read();
    this.applications.set(name, settings);
    return settings;
  }
}
