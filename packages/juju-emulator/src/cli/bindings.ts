/** Space by endpoint; the empty name is the default for endpoints to come. */
export type Bindings = Readonly<Record<string, string>>;

/**
 * What becomes of endpoints when the charm or the operator changes them, a line each as Juju's client tells it.
 * @param current bindings in force
 * @param endpoints endpoints of the charm from now on
 * @param wanted what the operator asked for; the empty name means all that had the old default
 */
export function bindingChanges(current: Bindings, endpoints: readonly string[], wanted: Bindings = {}): string[] {
  const oldDefault = current[''] ?? 'alpha';
  const newDefault = wanted[''] ?? oldDefault;
  const changes: string[] = [];
  const unchanged = new Map<string, string[]>();
  for (const endpoint of [...endpoints].sort()) {
    const before = current[endpoint];
    if (before === undefined) {
      const space = wanted[endpoint];
      changes.push(
        `adding endpoint "${endpoint}" to ${space === undefined ? 'default ' : ''}space "${space ?? newDefault}"`,
      );
      continue;
    }
    const after = wanted[endpoint] ?? (before === oldDefault ? newDefault : before);
    if (after === before) unchanged.set(before, [...(unchanged.get(before) ?? []), endpoint]);
    else changes.push(`moving endpoint "${endpoint}" from space "${before}" to "${after}"`);
  }
  const kept = [...unchanged]
    .sort()
    .map(([space, names]) => `no change to endpoints in space "${space}": ${names.join(', ')}`);
  return [...changes, ...kept];
}
