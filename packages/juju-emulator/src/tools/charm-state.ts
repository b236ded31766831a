import { runError } from './tool-error';
import type { UniterApi } from './uniter-api';

const maxKeyBytes = 256;
const maxValueBytes = 65536;

/** The unit's key-value store: loaded once per hook, sent whole at commit when it changed. */
export class CharmState {
  private values: Map<string, string> | undefined;
  private changed = false;

  constructor(private readonly api: UniterApi) {}

  async all(): Promise<ReadonlyMap<string, string>> {
    return this.load();
  }

  /** An empty value is kept. Rejects what is longer than the controller's limits. */
  async set(key: string, value: string): Promise<void> {
    const values = await this.load();
    if (Buffer.byteLength(key) > maxKeyBytes) {
      throw runError(`max allowed key length (${maxKeyBytes}): quota limit exceeded`);
    }
    if (Buffer.byteLength(value) > maxValueBytes) {
      throw runError(`max allowed value length (${maxValueBytes}): quota limit exceeded`);
    }
    if (values.get(key) === value) return;
    values.set(key, value);
    this.changed = true;
  }

  async delete(key: string): Promise<void> {
    const values = await this.load();
    if (values.delete(key)) this.changed = true;
  }

  pending(): Readonly<Record<string, string>> | undefined {
    return this.changed && this.values !== undefined ? Object.fromEntries(this.values) : undefined;
  }

  private async load(): Promise<Map<string, string>> {
    this.values ??= new Map(Object.entries(await this.api.charmState()));
    return this.values;
  }
}
