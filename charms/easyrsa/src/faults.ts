import { typedConfig, type ConfigValues } from '@juju/charm-helpers-ts';

/** Which faults of the reactive easyrsa charm are switched on; config.yaml says what each does. */
export interface Faults {
  readonly staleAnswer: boolean;
  readonly endlessReissue: boolean;
  readonly failOnBadRequest: boolean;
  readonly lettersAsSans: boolean;
}

export const noFaults: Faults = {
  staleAnswer: false,
  endlessReissue: false,
  failOnBadRequest: false,
  lettersAsSans: false,
};

/** @throws ConfigTypeError where config.yaml and this file disagree. */
export function readFaults(config: ConfigValues): Faults {
  const options = typedConfig(config, {
    'fault-stale-answer': 'boolean',
    'fault-endless-reissue': 'boolean',
    'fault-fail-on-bad-request': 'boolean',
    'fault-letters-as-sans': 'boolean',
  });
  return {
    staleAnswer: options['fault-stale-answer'] === true,
    endlessReissue: options['fault-endless-reissue'] === true,
    failOnBadRequest: options['fault-fail-on-bad-request'] === true,
    lettersAsSans: options['fault-letters-as-sans'] === true,
  };
}
