import { CliError } from './cli-error';

const applicationName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** Refuses a name that an application cannot have, with what is wrong about it (Juju's words). */
export function checkNewApplicationName(name: string): void {
  if (applicationName.test(name)) return;
  const odd = [...name].find((letter) => !/[a-z0-9-]/.test(letter));
  const reason = /[A-Z]/.test(name)
    ? 'unexpected uppercase character'
    : odd !== undefined
      ? `unexpected character ${odd}`
      : /-[0-9]+$/.test(name)
        ? 'unexpected number(s) found after last hyphen'
        : undefined;
  throw new CliError(`invalid application name "${name}"${reason === undefined ? '' : `, ${reason}`}`, 2);
}
