import { url, type Url } from '../../src/domain/ids';
import type { Execution } from '../../src/execute/execution';
import { seekQuorum } from '../../src/execute/execute-cluster';
import type { EtcdProbe } from '../../src/ports/etcd-api';

const own = url('https://own:2379');
const other = url('https://other:2379');
const step = { kind: 'seek-quorum', others: [other], led: false, timeoutMs: 3000 } as const;

/** Seeks while these answer so, each time they are asked; a clock that runs only while somebody sleeps. */
async function seek(
  answers: (endpoint: Url, now: number) => Promise<boolean>,
  leader: Promise<string | null> = Promise.resolve(null),
  led = false,
): Promise<{ readonly looksAgain: boolean; readonly after: number }> {
  let now = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const execution = {
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (milliseconds: number) =>
        new Promise<void>((wake) => void sleepers.push({ at: now + milliseconds, wake })),
    },
    probe: () =>
      Promise.resolve({
        hasQuorum: (endpoint: Url) => answers(endpoint, now),
        status: async () => ({ leaderId: await leader }),
      } as unknown as EtcdProbe),
    local: () => Promise.resolve(own),
  } as unknown as Execution;
  let outcome: Awaited<ReturnType<typeof seekQuorum>> | null = null;
  const seeking = seekQuorum({ ...step, led }, execution).then((one) => (outcome = one));
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (outcome !== null) break;
    const [next] = sleepers.sort((one, another) => one.at - another.at).splice(0, 1);
    if (next !== undefined) {
      now = next.at;
      next.wake();
    }
  }
  const { unchanged } = (await seeking) as { readonly unchanged?: true };
  return { looksAgain: unchanged !== true, after: now };
}

const never = (): Promise<boolean> => new Promise(() => undefined);

test('a majority that comes back within the time is found, and the world is looked at again', async () => {
  const { looksAgain, after } = await seek((_, now) => Promise.resolve(now >= 1000));
  expect(looksAgain).toBe(true);
  expect(after).toBeLessThan(step.timeoutMs);
});

test('another member that has one is enough, also where the own one hangs', async () => {
  expect((await seek((endpoint) => (endpoint === other ? Promise.resolve(true) : never()))).looksAgain).toBe(true);
});

test.each([
  ['say that they have none', () => Promise.resolve(false)],
  ['refuse', () => Promise.reject(new Error('refused'))],
  ['hang', never],
] as const)('where all %s the time is waited for, and what was seen before still holds', async (_, answer) => {
  expect(await seek(answer)).toEqual({ looksAgain: false, after: step.timeoutMs });
});

test('a member that still has a leader when the time is over is looked at again: only its reads are slow', async () => {
  expect(await seek(never, Promise.resolve('1'))).toEqual({ looksAgain: true, after: step.timeoutMs });
});

test('one that does not even say so is not waited for', async () => {
  expect((await seek(never, new Promise(() => undefined))).looksAgain).toBe(false);
});

test('one that had a leader and has lost it since is looked at again: what was seen before would look like a majority', async () => {
  const nobody = (): Promise<boolean> => Promise.resolve(false);
  expect((await seek(nobody, Promise.resolve(null), true)).looksAgain).toBe(true);
});
