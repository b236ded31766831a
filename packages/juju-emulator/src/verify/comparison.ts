import { canonicalJson } from './commit-request';
import type { Difference } from './result';

/** Collects what differs in one recording; values are compared by meaning (canonical JSON), texts as they are. */
export class Comparison {
  readonly differences: Difference[] = [];

  constructor(private readonly id: string) {}

  expect(where: string, expected: unknown, actual: unknown): void {
    const [left, right] = [expected, actual].map((value) => (typeof value === 'string' ? value : canonicalJson(value)));
    if (left !== right) this.differences.push({ id: this.id, where, expected: left ?? '', actual: right ?? '' });
  }
}
