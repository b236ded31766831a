import { parseActionSpecs, parseConfigSpec, parseMetadata, type CharmMain } from '../../src';
import type { CharmUnderTest } from '../../src/testing';

const metadata = `
name: app
summary: a charm for tests
description: every kind of thing a charm can declare
provides:
  website: http
  sub: {interface: juju-info, scope: container}
requires:
  db: {interface: pgsql, limit: 1}
peers:
  ring: {interface: ring}
extra-bindings: {admin: null}
storage:
  data: {type: filesystem, multiple: {range: 0-1}}
resources:
  core: {type: file, filename: core.tgz}
containers:
  redis: {}
`;
const config = `
options:
  port: {type: int, default: 80, description: where it listens}
  name: {type: string, description: unset by default}
  debug: {type: boolean, default: false}
`;
const actions = `
backup:
  description: writes a backup
  params:
    target: {type: string, default: /srv}
    level: {type: integer}
  required: [level]
  additionalProperties: false
`;

/** A charm with one of everything. */
export const demoCharm = async (main: CharmMain): Promise<CharmUnderTest> => ({
  main,
  metadata: await parseMetadata(metadata),
  config: await parseConfigSpec(config),
  actions: await parseActionSpecs(actions),
});
