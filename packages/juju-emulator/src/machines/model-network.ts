import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostCommand } from './host-command';
import { MachineError } from './machine-error';
import { claimNumber, modelTag } from './model-record';

/** Networks are 10.96.0.0/24 to 10.111.255.0/24. */
const subnets = 4096;

/** Names on the host of what a model's network is made of. Interface names have at most 15 characters. */
export function networkNames(model: string) {
  const tag = modelTag(model);
  return {
    bridge: `jb${tag}${model.replace(/[^A-Za-z0-9]/g, '').slice(0, 7)}`,
    table: `juju_emulator_${tag}`,
    veth: (id: string) => `jv${tag}${id.replace(/[^A-Za-z0-9]/g, '')}`,
    peer: (id: string) => `jp${tag}${id.replace(/[^A-Za-z0-9]/g, '')}`,
    namespace: (id: string) => `juju-emulator-${model}-${id}`,
  };
}

const prefixOf = (subnet: number): string => `10.${96 + (subnet >> 8)}.${subnet & 255}`;

/**
 * Claims a /24 that neither this host's routes nor another model uses.
 * @throws MachineError `network` if none is free.
 */
export async function claimSubnet(stateDir: string, model: string): Promise<number> {
  const listed = await hostCommand('list the routes', ['ip', '-4', '-j', 'route', 'show', 'table', 'all']);
  const used = (JSON.parse(listed) as { dst: string }[])
    .map(({ dst }) => dst)
    .filter((dst) => dst !== 'default')
    .map(parseNetwork);
  const first = parseInt(modelTag(model), 16) % subnets;
  const subnet = claimNumber(stateDir, model, first, subnets, (candidate) => {
    const start = addressNumber(`${prefixOf(candidate)}.0`);
    return !used.some((other) => other.start <= start + 255 && start <= other.end);
  });
  if (subnet !== null) return subnet;
  throw new MachineError('network', 'claim a network', 'no free /24 in 10.96.0.0/12; run juju-emulator clean');
}

function addressNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function parseNetwork(network: string): { start: number; end: number } {
  const [address = '', bits = '32'] = network.split('/');
  const start = addressNumber([...address.split('.'), '0', '0', '0'].slice(0, 4).join('.'));
  return { start, end: start + 2 ** (32 - Number(bits)) - 1 };
}

/** Addresses of one model's network. Host number 1 is the bridge, machine n has 10 + n. */
export class ModelNetwork {
  readonly names;
  constructor(
    readonly model: string,
    readonly subnet: number,
  ) {
    this.names = networkNames(model);
  }
  get gateway(): string {
    return `${prefixOf(this.subnet)}.1`;
  }
  get network(): string {
    return `${prefixOf(this.subnet)}.0/24`;
  }
  address(index: number): string {
    if (index > 240)
      throw new MachineError('no-address', 'give a machine its address', 'a model has room for 240 machines');
    return `${prefixOf(this.subnet)}.${10 + index}`;
  }
  macAddress(index: number): string {
    const tag = modelTag(this.model);
    return `00:16:3e:${tag.slice(0, 2)}:${tag.slice(2, 4)}:${(10 + index).toString(16).padStart(2, '0')}`;
  }

  /** Makes the bridge and its address translation. What was there of this model before is replaced. */
  async create(): Promise<void> {
    const { bridge, table } = this.names;
    await hostCommand('make the bridge', ['ip', '-batch', '-'], {
      input: `link add ${bridge} type bridge\naddress add ${this.gateway}/24 dev ${bridge}\nlink set ${bridge} up\n`,
    });
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    await hostCommand('make the network rules', ['nft', '-f', '-'], {
      input: `table ip ${table} {
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ip saddr ${this.network} oifname != "${bridge}" masquerade
  }
}
`,
    });
  }

  /** Gives a machine its network namespace, with the interface `eth0` up and its address set, before it boots. */
  async connect(id: string, index: number): Promise<void> {
    const { bridge, veth, peer, namespace } = this.names;
    const mtu = await uplinkMtu();
    await hostCommand('make the network namespace', ['ip', 'netns', 'add', namespace(id)]);
    await hostCommand('connect the machine', ['ip', '-batch', '-'], {
      input: `link add ${veth(id)} mtu ${mtu} type veth peer name ${peer(id)} mtu ${mtu}
link set ${peer(id)} address ${this.macAddress(index)} name eth0 netns ${namespace(id)}
link set ${veth(id)} master ${bridge} up
`,
    });
    await hostCommand('configure the machine’s network', ['ip', '-n', namespace(id), '-batch', '-'], {
      input: `link set lo up
address add ${this.address(index)}/24 broadcast + dev eth0
link set eth0 up
route add default via ${this.gateway}
`,
    });
  }

  /** Plugs the machine's cable in or pulls it. */
  async setLink(id: string, up: boolean): Promise<void> {
    await hostCommand('switch the link', ['ip', 'link', 'set', this.names.veth(id), up ? 'up' : 'down']);
  }
}

/** Removes a machine's namespace and interfaces. Idempotent. */
export async function disconnect(model: string, id: string): Promise<void> {
  const { veth, namespace } = networkNames(model);
  if (existsSync(`/sys/class/net/${veth(id)}`))
    await hostCommand('disconnect the machine', ['ip', 'link', 'delete', veth(id)], { tolerant: true });
  if (existsSync(`/run/netns/${namespace(id)}`))
    await hostCommand('remove the network namespace', ['ip', 'netns', 'delete', namespace(id)], { tolerant: true });
}

/** Removes the bridge and the rules of a model. Idempotent. */
export async function removeNetwork(model: string): Promise<void> {
  const { bridge, table } = networkNames(model);
  if (existsSync(`/sys/class/net/${bridge}`))
    await hostCommand('remove the bridge', ['ip', 'link', 'delete', bridge], { tolerant: true });
  await hostCommand('remove the network rules', ['nft', 'delete', 'table', 'ip', table], { tolerant: true });
}

/** MTU of the host's default route: larger packets would be lost behind it. */
async function uplinkMtu(): Promise<number> {
  const routes = JSON.parse(await hostCommand('find the uplink', ['ip', '-4', '-j', 'route', 'show', 'default'])) as {
    dev?: string;
  }[];
  const device = routes[0]?.dev;
  if (device === undefined) return 1500;
  return Number(readFileSync(`/sys/class/net/${device}/mtu`, 'utf8'));
}

/** Content of resolv.conf for a machine: the host's name servers, those behind a local stub included. */
export function resolvConf(): string {
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, 'utf8').split('\n');
    const kept = lines.filter(
      (line) => /^(nameserver|search|options)\s/.test(line) && !/^nameserver\s+(127\.|::1)/.test(line),
    );
    if (kept.some((line) => line.startsWith('nameserver'))) return `${kept.join('\n')}\n`;
  }
  return '';
}
