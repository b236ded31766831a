import type { Handler } from '@juju/charm-helpers-ts';
import { desiredFrom, type Desired } from '../domain/desired';
import type { Flag } from '../domain/flags';
import type { Observed } from '../domain/observed';
import { planFounding, planFoundingStart, planReadiness } from '../domain/plan-bootstrap';
import { planInstall } from '../domain/plan-install';
import { planJoin } from '../domain/plan-join';
import { planClients, planMemberRecord, planMemberReport, planPorts } from '../domain/plan-relations';
import { planTls } from '../domain/plan-tls';
import type { Step } from '../domain/step';

type Outcome =
  { readonly outcome: 'done' } | { readonly outcome: 'waiting'; readonly reason: string; readonly wokenBy: string };

export const handlers = (execute: (step: Step) => Promise<Outcome>): readonly Handler<Observed, Flag>[] => {
  const handler = (
    name: string,
    all: readonly Flag[],
    plan: (observed: Observed, desired: Desired) => readonly Step[],
  ): Handler<Observed, Flag> => ({
    name,
    when: { all },
    run: async (observed) => {
      const { desired } = desiredFrom(observed.config);
      if (desired === null) return 'nothing';
      let did = false;
      for (const step of plan(observed, desired)) {
        if (step.kind === 'wait')
          return did ? 'did-something' : { outcome: 'wait', reason: step.why, wakes: step.wokenBy.by };
        if (step.kind === 'block')
          return did ? 'did-something' : { outcome: 'wait', reason: step.why, wakes: 'operator' };
        const outcome = await execute(step);
        if (outcome.outcome === 'waiting') return { outcome: 'wait', reason: outcome.reason, wakes: outcome.wokenBy };
        if (step.kind !== 'wake-later') did = true;
      }
      return did ? 'did-something' : 'nothing';
    },
  });
  return [
    handler('install', [], planInstall),
    handler('tls', ['installed'], planTls),
    handler('readiness', ['installed', 'tls.ready'], planReadiness),
    handler('found', ['installed', 'tls.ready', 'leader'], planFounding),
    handler('start-founder', ['founded', 'installed'], planFoundingStart),
    handler('join', ['founded', 'installed'], planJoin),
    handler('report', ['serving'], planMemberReport),
    handler('record', ['leader'], planMemberRecord),
    handler('clients', ['serving'], planClients),
    handler('ports', ['installed'], planPorts),
  ];
};
