import type { ActionOutcome, ActionResults } from './uniter-api';

interface ResultNode {
  [key: string]: string | number | ResultNode;
}

/** What a running action has said of its outcome. Reported at its end, also when it failed. */
export class ActionState {
  private failed = false;
  private message = '';
  private results: ResultNode = {};

  fail(message: string): void {
    this.failed = true;
    this.message = message;
  }

  /** Sets a value by path; a string in the way of a map, or the other way round, is replaced. */
  set(path: readonly string[], value: string | number): void {
    let node = this.results;
    for (const key of path.slice(0, -1)) {
      const next = node[key];
      const child: ResultNode = typeof next === 'object' ? next : {};
      node[key] = child;
      node = child;
    }
    node[path.at(-1) ?? ''] = value;
  }

  outcome(): ActionOutcome {
    return { status: this.failed ? 'failed' : 'completed', message: this.message, results: this.copy(this.results) };
  }

  private copy(node: ResultNode): ActionResults {
    return structuredClone(node);
  }
}
