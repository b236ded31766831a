import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One hook of a recorded provider; golden/partners/README.md describes the fields. */
export interface RecordedHook {
  readonly scenario: string;
  readonly seq: number;
  readonly hook: string;
  readonly note: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly leader: boolean;
  readonly remote: Readonly<
    Record<
      string,
      {
        readonly app: string;
        readonly units: readonly string[];
        readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
      }
    >
  >;
  readonly relationSet: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string | null>>>>>>;
  readonly status: readonly (readonly [string, string])[];
  readonly exit: number;
}

const goldenDir = process.env['GOLDEN_DIR'] ?? join(__dirname, '..', '..', '..', '..', '..', 'shared', 'golden');
const file = join(goldenDir, 'partners', 'easyrsa.jsonl');

/** Why the recordings cannot be used, or null. */
export const recordingsMissing = existsSync(file) ? null : `no ${file}: set GOLDEN_DIR`;

/** The hooks of one scenario, in order. */
export function recordedHooks(scenario: string): readonly RecordedHook[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedHook).filter((hook) => hook.scenario === scenario);
}
