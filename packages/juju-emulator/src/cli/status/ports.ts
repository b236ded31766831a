/** Ports in a table cell: those of one protocol share it, `80,443/tcp`; ranges keep their form. */
export function formatPorts(ports: readonly string[]): string {
  const groups: { protocol: string; numbers: string[] }[] = [];
  for (const port of ports) {
    const [number = '', protocol] = port.split('/');
    if (protocol === undefined) {
      groups.push({ protocol: '', numbers: [number] });
      continue;
    }
    const group = groups.find((each) => each.protocol === protocol);
    if (group === undefined) groups.push({ protocol, numbers: [number] });
    else group.numbers.push(number);
  }
  return groups.map((group) => group.numbers.join(',') + (group.protocol === '' ? '' : `/${group.protocol}`)).join(' ');
}
