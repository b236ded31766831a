import { ExecaProcesses } from '../../src/ports/processes-execa';

describe('Processes on real programs', () => {
  const processes = new ExecaProcesses();

  test('output, input and environment, bytes unchanged', async () => {
    const result = await processes.run('sh', ['-c', 'cat; echo "$WORD" >&2'], {
      input: 'in\n',
      env: { WORD: 'hello' },
    });
    expect(result).toEqual({ exitCode: 0, stdout: 'in\n', stderr: 'hello\n' });
  });

  test('messages are not in the language of the machine', async () => {
    expect((await processes.run('sh', ['-c', 'echo "$LC_ALL"'])).stdout).toBe('C\n');
  });

  test('a failure names the program and its last words, or is a result where that is wanted', async () => {
    const args = ['-c', 'echo first >&2; echo last words >&2; exit 3'];
    await expect(processes.run('sh', args)).rejects.toMatchObject({
      code: 'PROCESS_FAILED',
      retryable: true,
      message: expect.stringMatching(/exit status 3: last words$/) as string,
    });
    expect((await processes.run('sh', args, { allowFailure: true })).exitCode).toBe(3);
  });

  test('a program that is not there is no failure that passes', async () => {
    await expect(processes.run('no-such-program-here', [], { allowFailure: true })).rejects.toMatchObject({
      code: 'PROCESS_FAILED',
      retryable: false,
      message: 'no-such-program-here: is not installed on this machine',
    });
  });

  test('one that takes too long is killed', async () => {
    await expect(processes.run('sleep', ['60'], { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'PROCESS_FAILED',
      message: 'sleep 60: did not finish within 0.05 s',
    });
  });

  test('one that is killed from outside says so', async () => {
    await expect(processes.run('sh', ['-c', 'kill -9 $$'])).rejects.toMatchObject({ code: 'PROCESS_FAILED' });
  });
});
