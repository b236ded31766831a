/** Stable names of what can go wrong; `status` and actions map them to words in one place. */
export type ErrorCode =
  | 'ETCD_UNAVAILABLE'
  | 'ETCD_REFUSED'
  | 'ETCD_TIMEOUT'
  | 'OTHER_CLUSTER'
  | 'NO_QUORUM'
  | 'PROCESS_FAILED'
  | 'FILE_FAILED'
  | 'SERVICE_FAILED'
  | 'SOURCE_UNUSABLE'
  | 'SOURCE_UNREACHABLE'
  | 'CERTIFICATE_INVALID'
  | 'CONFIG_INVALID'
  | 'BAG_INVALID'
  | 'BACKUP_FAILED'
  | 'NOT_SUPPORTED'
  | 'INTERNAL';

export interface CharmErrorFields {
  readonly code: ErrorCode;
  /** What was being done, e.g. `member add`. */
  readonly operation: string;
  /** One line for the operator: what happened and what to do. No secrets. */
  readonly message: string;
  readonly cause?: unknown;
  /** True where the same thing may succeed later without anybody doing anything. */
  readonly retryable: boolean;
}

/** The charm's one error class: told apart by `code`, never by its text. */
export class CharmError extends Error {
  readonly code: ErrorCode;
  readonly operation: string;
  readonly retryable: boolean;

  constructor(fields: CharmErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'CharmError';
    this.code = fields.code;
    this.operation = fields.operation;
    this.retryable = fields.retryable;
  }
}
