import { UniterApiError } from './api-error';
import type { Settings, UniterApi } from './uniter-api';

/** The application's leadership settings as one hook sees them: read once, and anew after a write. Juju before 4 only. */
export class LeaderSettingsCache {
  private settings: Settings | undefined;

  constructor(private readonly api: UniterApi) {}

  async read(): Promise<Settings> {
    this.settings ??= await this.facade('read').read();
    return this.settings;
  }

  /** An empty value deletes the key. */
  async write(changes: Settings): Promise<void> {
    this.settings = undefined;
    await this.facade('write').merge(changes);
  }

  private facade(operation: string): NonNullable<UniterApi['leaderSettings']> {
    const { leaderSettings } = this.api;
    if (leaderSettings === undefined)
      throw new UniterApiError('invalid', operation, 'this controller has no leadership settings');
    return leaderSettings;
  }
}
