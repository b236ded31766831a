import { createHash } from 'node:crypto';
import { Session } from '../../cli/session';
import { type CallHandlers, ControllerError } from '../../controller/api-client';
import { type Task, taskEnded } from '../../model';
import type { ClientRecording } from './client-recording';
import { type RecordedOperation, type RecordedTask, toOperation, toTask } from './recorded-tasks';

/** The operation that all recorded tasks belong to. */
const operation = '1';

/** What the controller said: the errors' kinds are told by their words, as the answer's own code is not recorded. */
function serverError(method: string, text: string): ControllerError {
  const code = text.endsWith('already exists')
    ? 'already-exists'
    : text.endsWith('not found')
      ? 'not-found'
      : 'refused';
  return new ControllerError(code, method, text);
}

/** Go's JSON of a fingerprint is `{}`: what it was is known all the same, as all recorded resources have the content `x`. */
const fingerprintOfX = createHash('sha384').update('x').digest('hex');

/** An answer about resources with the fingerprints that its recording could not carry. */
const withFingerprints = (input: unknown): unknown =>
  JSON.parse(JSON.stringify(input ?? null), (key, value: unknown) =>
    key === 'Fingerprint' && isRecord(value) ? fingerprintOfX : value,
  );

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A controller that answers what was recorded. */
export class RecordedSession extends Session {
  constructor(private readonly recording: ClientRecording) {
    super('m');
  }

  override call<T>(method: string, params: unknown, handlers: CallHandlers = {}): Promise<T> {
    return Promise.resolve().then(() => this.#answer(method, params as Record<string, unknown>, handlers) as T);
  }

  /** It was not recorded. */
  override now(): Promise<Date> {
    return Promise.resolve(new Date());
  }

  /** A local charm is where the command says: only its upload was recorded. */
  override locateCharm(charm: string): string {
    return charm;
  }

  /** The text of a refusal that was not recorded apart: what stands after ERROR is the server's (TRACES.md). */
  #refusal(method: string): ControllerError {
    return serverError(method, /^ERROR (.*)$/m.exec(this.recording.stderr)?.[1] ?? 'the recording has no answer');
  }

  #answer(method: string, params: Record<string, unknown>, handlers: CallHandlers): unknown {
    const { input, exit } = this.recording;
    if (typeof input === 'string' && input.startsWith('server error: '))
      throw serverError(method, input.slice('server error: '.length));
    switch (method) {
      case 'status':
        return { status: input, controller: 'ctrl', failure: null };
      case 'enqueue':
        return this.#scheduled();
      case 'task':
      case 'cancelTask':
        return this.#task(method, String(params['id']));
      case 'waitTask':
        return this.#ended(this.#task(method, String(params['id'])), handlers);
      case 'operation':
        return toOperation(input as RecordedOperation);
      case 'applicationInfo':
        return this.#application();
      case 'charmInfo':
        return this.#uploaded();
      case 'resources':
        return withFingerprints(input);
      case 'deploy':
        if (exit !== 0) throw this.#refusal(method);
        return undefined;
      default:
        if ((input === null && exit !== 0) || this.#isAboutAnother(params)) throw this.#refusal(method);
        return input;
    }
  }

  /** True when the command names an application that the recorded answer is not about. */
  #isAboutAnother(params: Record<string, unknown>): boolean {
    const { input } = this.recording;
    const asked = params['application'];
    return (
      isRecord(input) &&
      typeof input['application'] === 'string' &&
      asked !== undefined &&
      asked !== input['application']
    );
  }

  #scheduled(): unknown {
    const { input } = this.recording;
    if (typeof input === 'string') return { operation, tasks: [], errors: [input.replace(/^task error: /, '')] };
    const tasks = Object.values(input as Record<string, RecordedTask>).map((each) => toTask(each, operation));
    return { operation, tasks: tasks.map(({ id, unit }) => ({ id, unit })), errors: [] };
  }

  #task(method: string, id: string): Task {
    const { input } = this.recording;
    const recorded = isRecord(input) ? (input[id] as RecordedTask | undefined) : undefined;
    if (recorded === undefined) throw this.#refusal(method);
    return toTask(recorded, operation);
  }

  #ended(task: Task, handlers: CallHandlers): Task {
    for (const entry of task.log) handlers.onEvent?.(entry);
    if (!taskEnded(task)) throw new ControllerError('timeout', 'wait for task', `task ${task.id} has not ended`);
    return task;
  }

  /** Of an upload the charm's name and revision are known: from the answer, or from the line that tells them. */
  #uploaded(): unknown {
    const { input, stderr } = this.recording;
    const told = /^Added local charm "(.*)", revision (\d+)/.exec(stderr);
    const answer = input as { charm?: string; revision?: number; base?: string; endpoints?: string[] };
    return {
      name: answer.charm ?? told?.[1] ?? '',
      revision: answer.revision ?? Number(told?.[2] ?? 0),
      base: answer.base ?? '',
      endpoints: answer.endpoints ?? [],
    };
  }

  /** An application's answer; of a refresh only the bindings were recorded. */
  #application(): unknown {
    const { input } = this.recording;
    const { result, bindings } = (input ?? {}) as { result?: unknown; bindings?: Record<string, string> };
    if (result === undefined && bindings === undefined) throw this.#refusal('applicationInfo');
    return result ?? { 'endpoint-bindings': bindings };
  }
}
