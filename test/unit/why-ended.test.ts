import { whyEnded } from '../../src/backup/scratch-etcd';

const info = '{"level":"info","msg":"opened backend db"}';
const panic =
  '{"level":"panic","ts":"x","caller":"backend/backend.go:189","msg":"failed to open database","path":"/x/db","error":"invalid database"}';
const trace =
  'panic: failed to open database\n\ngoroutine 1 [running]:\ngo.uber.org/zap.Panic\n\t/go/zap.go:52 +0x15a\n';

test.each<[string, string, string]>([
  ['nothing', '', 'it could not be started'],
  ['only what it did', `${info}\n`, 'opened backend db'],
  ['a last word that is no JSON', `${info}\nsetpriv: no such user\n`, 'setpriv: no such user'],
  ['an error with its cause', `${info}\n${panic}\n`, 'failed to open database: invalid database'],
  ['both', `${info}\n${panic}\n${trace}`, 'failed to open database: invalid database'],
  ['a panic with where it was', `${info}\n${trace}`, 'panic: failed to open database'],
])('why etcd ended, by a log that has %s', (_, log, expected) => {
  expect(whyEnded(log)).toBe(expected);
});
