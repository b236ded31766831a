import { isRecord, recordOf, runJson, stringField, unexpected, type ToolOutput } from './output';
import type { HookToolRunner } from './runner';

/** The words a charm may set. */
export type SettableStatus = 'maintenance' | 'blocked' | 'waiting' | 'active';
/** The words that Juju sets besides. */
export type WorkloadStatus = SettableStatus | 'unknown' | 'error' | 'terminated' | 'allocating' | 'unset';

export interface StatusReport {
  readonly status: WorkloadStatus;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ApplicationStatusReport extends StatusReport {
  readonly units: Readonly<Record<string, StatusReport>>;
}

export interface StatusTools {
  /** `status-set`: acts at once, also if the hook fails later. */
  statusSet(status: SettableStatus, message?: string): Promise<void>;
  /** `status-set --application`: leader only, else `not-leader`. */
  statusSetApplication(status: SettableStatus, message?: string): Promise<void>;
  /** `status-get --include-data`: read once a hook: a later `status-set` of the same hook may not show. */
  statusGet(): Promise<StatusReport>;
  /** `status-get --application --include-data`: leader only, else `not-leader`. */
  statusGetApplication(): Promise<ApplicationStatusReport>;
}

const known: readonly WorkloadStatus[] = [
  'maintenance',
  'blocked',
  'waiting',
  'active',
  'unknown',
  'error',
  'terminated',
  'allocating',
  'unset',
];

export const statusTools = (runner: HookToolRunner): StatusTools => ({
  // `--`: a message may begin with a dash.
  statusSet: async (status, message = '') => {
    await runner.run('status-set', ['--', status, message]);
  },
  statusSetApplication: async (status, message = '') => {
    await runner.run('status-set', ['--application', '--', status, message]);
  },
  statusGet: async () => {
    const output = await runJson(runner, 'status-get', ['--include-data']);
    return report(output, recordOf(output));
  },
  statusGetApplication: async () => {
    const output = await runJson(runner, 'status-get', ['--application', '--include-data']);
    const application = recordOf(output)['application-status'];
    if (!isRecord(application)) throw unexpected(output, 'application-status');
    const units = isRecord(application['units']) ? application['units'] : {};
    const reports = Object.entries(units).map(([unit, value]) => [unit, report(output, isRecord(value) ? value : {})]);
    return { ...report(output, application), units: Object.fromEntries(reports) as Record<string, StatusReport> };
  },
});

function report(output: ToolOutput, record: Readonly<Record<string, unknown>>): StatusReport {
  const status = known.find((one) => one === record['status']);
  if (status === undefined) throw unexpected(output, 'known status');
  const data = record['status-data'];
  return { status, message: stringField(record, 'message') ?? '', data: isRecord(data) ? data : {} };
}
