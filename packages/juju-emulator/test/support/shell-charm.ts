import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchDirectory } from './scratch';

export interface ShellCharm {
  readonly name?: string;
  readonly metadata?: string;
  readonly config?: string;
  readonly actions?: string;
  /** Body of `dispatch`; `$hook` is the last part of JUJU_DISPATCH_PATH. */
  readonly dispatch: string;
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A charm directory whose dispatch is a shell script; gone when the tests are done. It notes every run in `../runs` beside the charm. */
export function shellCharm(charm: ShellCharm): string {
  const directory = scratchDirectory('shell-charm');
  made.push(directory);
  const write = (file: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
    chmodSync(join(directory, file), mode);
  };
  write(
    'metadata.yaml',
    charm.metadata ?? `name: ${charm.name ?? 'tiny'}\nsummary: s\ndescription: d\npeers:\n  ring: {interface: ring}\n`,
  );
  if (charm.config !== undefined) write('config.yaml', charm.config);
  if (charm.actions !== undefined) write('actions.yaml', charm.actions);
  write(
    'dispatch',
    `#!/bin/sh
hook=\${JUJU_DISPATCH_PATH##*/}
echo "$hook\${JUJU_REMOTE_UNIT:+ $JUJU_REMOTE_UNIT}\${JUJU_DEPARTING_UNIT:+ departing=$JUJU_DEPARTING_UNIT}" >> ../runs
${charm.dispatch}
`,
    0o755,
  );
  return directory;
}
