import type { Step } from '../../src/domain/step';

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** A step as one line of a trace. */
export function showStep(step: Step): string {
  const rest = Object.entries(step).filter(([key]) =>
    ['why', 'memberId', 'unit', 'peerUrl', 'version', 'purpose'].includes(key),
  );
  const bag = step.kind === 'publish-peer' ? ` ${JSON.stringify(step.bag, plain)}` : '';
  const founding =
    step.kind === 'write-founding'
      ? ` ${step.founding.generation} ${step.founding.initial.map((one) => one.unit).join()}`
      : '';
  const recreation = step.kind === 'write-recreation' ? ` ${step.recreation.phase} of ${step.recreation.token}` : '';
  return `${step.kind} ${rest.map(([, value]) => String(value)).join(' ')}${bag}${founding}${recreation}`;
}
