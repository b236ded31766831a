import { parseArgs } from 'node:util';

/**
 * The command line of a script here. `-h` and `--help` print the usage and end with 0; what the script does not know ends it with 2 and one line.
 * @param {string} script as it is called, for that line
 * @param {string} usage
 * @param {import('node:util').ParseArgsConfig['options']} [options]
 * @param {readonly string[]} [names] what may be named beside options; none where it is absent
 * @returns {{ values: Record<string, any>, positionals: string[] }}
 */
export function commandLine(script, usage, options = {}, names = []) {
  let read;
  try {
    read = parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, ...options },
    });
  } catch (error) {
    // Node goes on with advice about arguments that begin with a dash; none here does.
    wrongCall(script, error.message.split('. To specify')[0]);
  }
  if (read.values.help) {
    console.log(usage.trim());
    process.exit(0);
  }
  const unknown = read.positionals.find((name) => !names.includes(name));
  if (unknown !== undefined)
    wrongCall(script, names.length === 0 ? `takes no "${unknown}"` : `no "${unknown}"; there are ${names.join(', ')}`);
  return read;
}

/** Ends the script: it was called wrongly. */
export function wrongCall(script, why) {
  console.error(`${script}: ${why} (see --help)`);
  process.exit(2);
}
