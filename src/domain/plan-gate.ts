import type { Desired } from './desired';
import type { Url } from './ids';
import type { Observed } from './observed';
import { newestDecided } from './recreating';
import { isDown } from './service';
import { listeningText, renderGateSettings, type GateSettings } from './start-gate';
import type { Step } from './step';

/** The program that the start gate and its responder run: a copy, so that they work without the charm's directory and across its upgrades. */
export function planGateProgram({ gate }: Observed): readonly Step[] {
  return gate.installed === gate.wanted ? [] : [{ kind: 'install-gate', release: gate.wanted }];
}

/** Host part of a peer URL, without brackets. */
const hostOf = (peerUrl: Url): string | null => /^https:\/\/\[?(.+?)\]?:\d+$/.exec(peerUrl)?.[1] ?? null;

/** What the gate on this unit should go by; null while that is not known. */
function gateSettings(observed: Observed, desired: Desired): GateSettings | null {
  const { unit, peers } = observed;
  if (peers.relationId === null || peers.application.pending) return null;
  const listen = desired.bindToAllInterfaces ? null : unit.peerBindAddress;
  if (listen?.known === false) return null;
  const asked = [...peers.others].flatMap(([name, { peerUrl }]) => {
    const address = peerUrl === null ? null : hostOf(peerUrl);
    return address === null ? [] : [{ unit: name, address }];
  });
  return {
    cluster: `${unit.modelUuid}/${unit.application}`,
    unit: unit.name,
    listen: listen === null ? null : listen.value,
    port: desired.gatePort,
    decided: newestDecided(observed),
    peers: asked.sort((one, other) => (one.unit < other.unit ? -1 : 1)),
  };
}

/** Before etcd is started: whom its gate asks, and the newest founding that this unit knows. */
export function planGateSettings(observed: Observed, desired: Desired): readonly Step[] {
  const settings = gateSettings(observed, desired);
  if (settings === null || observed.gate.settings === renderGateSettings(settings)) return [];
  return [{ kind: 'write-gate-settings', settings }];
}

/** Keeps the responder running with what it should run with. It takes renewed certificates and a changed founding up by itself. */
export function planGateResponder(observed: Observed, desired: Desired): readonly Step[] {
  const { gate, tls } = observed;
  const settings = gateSettings(observed, desired);
  if (gate.installed !== gate.wanted || settings === null || gate.settings !== renderGateSettings(settings)) return [];
  if (tls.ca === null || tls.server?.keyMatches !== true) return [];
  const listening = listeningText(gate.wanted, settings);
  return gate.listening === listening ? [] : [{ kind: 'start-gate', listening }];
}

/** With its unit goes the responder, last of all. */
export function planGateRemoval({ gate, event, service }: Observed): readonly Step[] {
  const last = event.kind === 'stop' || event.kind === 'remove';
  return last && isDown(service) && gate.installed !== null ? [{ kind: 'remove-gate' }] : [];
}
