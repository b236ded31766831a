// Every part after a hyphen holds a letter, so that `app-1` is no name while `app-1a` is.
const applicationName = /^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const unitName = /^(.+)\/(?:0|[1-9][0-9]*)$/;

export function isApplicationName(name: string): boolean {
  return applicationName.test(name);
}

/** The application of `app/0`, or undefined when the name is no unit's. */
export function applicationOfUnit(name: string): string | undefined {
  const application = unitName.exec(name)?.[1];
  return application !== undefined && isApplicationName(application) ? application : undefined;
}
