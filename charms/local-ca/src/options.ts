import { typedConfig, type ConfigValues } from '@juju/charm-helpers-ts';

/** The options of config.yaml, which says what each does. */
export interface Options {
  readonly commonName: string;
  /** Milliseconds; null where the option cannot be read. */
  readonly validity: number | null;
  readonly lateAnswer: boolean;
  readonly revoke: boolean;
  readonly withoutKeyUsage: boolean;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @throws ConfigTypeError where config.yaml and this file disagree. */
export function readOptions(config: ConfigValues): Options {
  const options = typedConfig(config, {
    'ca-common-name': 'string',
    'certificate-validity': 'string',
    'fault-late-answer': 'boolean',
    'fault-revoke': 'boolean',
    'fault-without-key-usage': 'boolean',
  });
  return {
    commonName: options['ca-common-name'] ?? 'local-ca',
    validity: duration(options['certificate-validity'] ?? '90d'),
    lateAnswer: options['fault-late-answer'] === true,
    revoke: options['fault-revoke'] === true,
    withoutKeyUsage: options['fault-without-key-usage'] === true,
  };
}

function duration(text: string): number | null {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? [];
  const milliseconds = Number(number) * (units[unit] ?? 0);
  return milliseconds > 0 ? milliseconds : null;
}
