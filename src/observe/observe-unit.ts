import { isRelationEvent, type HookContext, type HookTools, type NetworkInfo } from '@juju/charm-helpers-ts';
import { unitName } from '../domain/ids';
import type { ObservedEvent, UnitFacts } from '../domain/observed';
import { known, unknown, type Probe } from '../domain/probe';
import { probing } from './probing';

/** IPv4 before IPv6, as the Python charm chose. */
function preferred(addresses: readonly string[]): Probe<string> {
  const chosen = addresses.find((address) => !address.includes(':')) ?? addresses[0];
  return chosen === undefined ? unknown('Juju knows no address of this unit yet') : known(chosen);
}

const ingress = (info: Probe<NetworkInfo>): Probe<string> =>
  info.known ? preferred(info.value.ingressAddresses) : info;

const bind = (info: Probe<NetworkInfo>): Probe<string> =>
  info.known
    ? preferred(info.value.bindAddresses.flatMap(({ addresses }) => addresses.map(({ address }) => address)))
    : info;

/** Who this unit is and where it is reached. */
export async function observeUnit(
  context: HookContext,
  tools: HookTools,
  machine: { readonly hostname: string; readonly architecture: string },
  isLeader: Probe<boolean>,
): Promise<UnitFacts> {
  const [cluster, db] = await Promise.all([
    probing(() => tools.networkGet('cluster')),
    probing(() => tools.networkGet('db')),
  ]);
  return {
    name: unitName(context.unit),
    application: context.application,
    modelUuid: context.model.uuid,
    isLeader,
    peerAddress: ingress(cluster),
    clientAddress: ingress(db),
    peerBindAddress: bind(cluster),
    clientBindAddress: bind(db),
    ...machine,
  };
}

/** Why the charm runs. */
export function observedEvent(context: HookContext): ObservedEvent {
  const { event } = context;
  const departing = event.kind === 'relation-departed' ? event.departingUnit : null;
  return {
    kind: event.kind,
    endpoint: isRelationEvent(event) ? event.endpoint : null,
    departingUnit: departing === null ? null : unitName(departing),
  };
}
