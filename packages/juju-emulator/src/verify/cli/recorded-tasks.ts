import type { OperationAnswer, Task } from '../../model';

/** Juju's params.ActionResult as it is recorded. */
export interface RecordedTask {
  readonly Action: {
    readonly ID: string;
    readonly Receiver: string;
    readonly Name: string;
    readonly Parameters: Readonly<Record<string, unknown>> | null;
  };
  readonly Enqueued: string;
  readonly Started: string;
  readonly Completed: string;
  readonly Status: Task['status'];
  readonly Message: string;
  readonly Log: readonly { readonly Timestamp: string; readonly Message: string }[] | null;
  readonly Output: Readonly<Record<string, unknown>> | null;
}

/** Juju's params.OperationResult as it is recorded. */
export interface RecordedOperation {
  readonly ID: string;
  readonly Summary: string;
  readonly Status: string;
  readonly Enqueued: string;
  readonly Started: string;
  readonly Completed: string;
  readonly Actions: readonly RecordedTask[];
}

/** Go's zero time means that it has not happened. */
const time = (text: string): string | null => (text.startsWith('0001') ? null : text);

/** `unit-web-0` -> web/0. */
export const unitOfTag = (tag: string): string => tag.replace(/^unit-(.*)-(\d+)$/, '$1/$2');

export const toTask = (recorded: RecordedTask, operation: string): Task => ({
  id: recorded.Action.ID,
  operation,
  unit: unitOfTag(recorded.Action.Receiver),
  name: recorded.Action.Name,
  parameters: recorded.Action.Parameters ?? {},
  status: recorded.Status,
  message: recorded.Message,
  enqueued: recorded.Enqueued,
  started: time(recorded.Started),
  completed: time(recorded.Completed),
  log: (recorded.Log ?? []).map((entry) => ({ timestamp: entry.Timestamp, message: entry.Message })),
  results: { ...recorded.Output },
});

export const toOperation = (recorded: RecordedOperation): OperationAnswer => ({
  id: recorded.ID,
  summary: recorded.Summary,
  status: recorded.Status,
  enqueued: recorded.Enqueued,
  started: time(recorded.Started),
  completed: time(recorded.Completed),
  tasks: recorded.Actions.map((each) => toTask(each, recorded.ID)),
});
