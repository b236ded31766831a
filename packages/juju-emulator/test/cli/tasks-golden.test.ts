import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../../src/cli/document';
import type { Terminal } from '../../src/cli/program';
import { failedTasksMessage, taskDocument, taskPlain } from '../../src/cli/tasks/task-output';
import { operationDocument } from '../../src/cli/tasks/operation-output';
import { printTasks } from '../../src/cli/verbs/run';
import { toYaml } from '../../src/cli/document';
import type { Operation, Task } from '../../src/model';

const golden = join(process.env.GOLDEN_DIR ?? join(__dirname, '../../../../../shared/golden'), 'cli.jsonl');

interface ActionAnswer {
  readonly Action: {
    readonly ID: string;
    readonly Receiver: string;
    readonly Name: string;
    readonly Parameters: Record<string, unknown>;
  };
  readonly Enqueued: string;
  readonly Started: string;
  readonly Completed: string;
  readonly Status: Task['status'];
  readonly Message: string;
  readonly Log: readonly { readonly Timestamp: string; readonly Message: string }[] | null;
  readonly Output: Record<string, unknown> | null;
}
interface OperationAnswer {
  readonly ID: string;
  readonly Summary: string;
  readonly Status: string;
  readonly Enqueued: string;
  readonly Started: string;
  readonly Completed: string;
  readonly Actions: readonly ActionAnswer[];
}
interface Recording {
  readonly id: string;
  readonly command: string;
  readonly input: unknown;
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: number;
}

const time = (text: string): string | null => (text.startsWith('0001') ? null : text);
const toTask = (answer: ActionAnswer): Task => ({
  id: answer.Action.ID,
  operation: '1',
  unit: answer.Action.Receiver.replace(/^unit-(.*)-(\d+)$/, '$1/$2'),
  name: answer.Action.Name,
  parameters: answer.Action.Parameters,
  status: answer.Status,
  message: answer.Message,
  enqueued: answer.Enqueued,
  started: time(answer.Started),
  completed: time(answer.Completed),
  log: (answer.Log ?? []).map((entry) => ({ timestamp: entry.Timestamp, message: entry.Message })),
  results: answer.Output ?? {},
});

const present = existsSync(golden);
if (!present) console.log(`skipped: no recordings at ${golden}`);

(present ? describe : describe.skip)('tasks as the recordings have them', () => {
  const recordings = (present ? readFileSync(golden, 'utf8') : '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording);
  const pick = (pattern: RegExp): [string, Recording][] =>
    recordings
      .filter((each) => pattern.test(each.command) && typeof each.input === 'object' && each.input !== null)
      .map((each) => [each.id, each]);

  it.each(pick(/^juju run (?!.*(--background|--wait))/))('%s', (_id, recording) => {
    const tasks = Object.values(recording.input as Record<string, ActionAnswer>).map(toTask);
    const out: string[] = [];
    const terminal: Terminal = { out: (text) => void out.push(text), err: () => undefined };
    printTasks({ verbs: [], terminal }, tasks, /--format (\w+)/.exec(recording.command)?.[1] ?? 'plain');
    expect(out.join('')).toBe(recording.stdout);
    const complaint = failedTasksMessage(tasks);
    expect(complaint === '' ? 0 : 1).toBe(recording.exit);
    expect(recording.stderr.endsWith(complaint)).toBe(true);
  });

  it.each(pick(/^juju show-task /))('%s', (_id, recording) => {
    const [task] = Object.values(recording.input as Record<string, ActionAnswer>).map(toTask);
    if (task === undefined) throw new Error('the recording has no task');
    expect(recording.command.includes('json') ? toJson(taskDocument(task)) : taskPlain(task)).toBe(recording.stdout);
  });

  it.each(pick(/^juju show-operation /))('%s', (_id, recording) => {
    const answer = recording.input as OperationAnswer;
    const operation: Operation = {
      id: answer.ID,
      summary: answer.Summary,
      enqueued: answer.Enqueued,
      tasks: answer.Actions.map((each) => each.Action.ID),
    };
    const document = operationDocument(operation, answer.Actions.map(toTask), answer.Status);
    // When an operation ended is the controller's to say: a second after its last task in these recordings.
    if (time(answer.Completed) !== null)
      document.timing = {
        ...(document.timing as object),
        completed: `${answer.Completed.slice(0, 10)} ${answer.Completed.slice(11, 19)} +0000 UTC`,
      };
    expect(recording.command.includes('json') ? toJson(document) : toYaml(document)).toBe(recording.stdout);
  });
});
