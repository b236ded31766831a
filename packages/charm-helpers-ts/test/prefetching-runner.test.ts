import { prefetchingRunner } from '../src/tools/prefetching-runner';
import type { HookToolRunner } from '../src/tools/runner';

/** Answers with the number of the call, and remembers the calls. */
function counting(): HookToolRunner & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    run: (tool, args) => {
      calls.push([tool, ...args].join(' '));
      return tool === 'resource-get'
        ? Promise.reject(new Error('no such resource'))
        : Promise.resolve(`${calls.length}`);
    },
  };
}

describe('prefetchingRunner', () => {
  it('starts the reads at once and hands each answer out once', async () => {
    const inner = counting();
    const runner = prefetchingRunner(inner, [['config-get', '--all'], ['is-leader']]);
    expect(inner.calls).toEqual(['config-get --all', 'is-leader']);
    expect(await runner.run('is-leader', [])).toBe('2');
    expect(await runner.run('is-leader', [])).toBe('3');
    expect(await runner.run('config-get', ['port'])).toBe('4');
    expect(await runner.run('config-get', ['--all'])).toBe('1');
  });

  it('reads again what was not asked for before a write', async () => {
    const inner = counting();
    const runner = prefetchingRunner(inner, [['state-get']]);
    await runner.run('state-set', ['a=b']);
    expect(await runner.run('state-get', [])).toBe('3');
  });

  it('gives a failure to whoever asks, and to nobody else', async () => {
    const runner = prefetchingRunner(counting(), [['resource-get', 'blob']]);
    await expect(runner.run('resource-get', ['blob'])).rejects.toThrow('no such resource');
    prefetchingRunner(counting(), [['resource-get', 'blob']]);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
