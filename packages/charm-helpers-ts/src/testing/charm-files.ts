import { readActionSpecs, type ActionSpecs } from '../actions';
import { readConfigSpec, type ConfigSpec } from '../config';
import { readMetadata, type CharmMetadata } from '../metadata';
import type { CharmMain } from '../run';

/** A charm and what Juju knows of it. */
export interface CharmUnderTest {
  readonly main: CharmMain;
  readonly metadata: CharmMetadata;
  readonly config: ConfigSpec;
  readonly actions: ActionSpecs;
}

/** Reads the yaml files of a charm's directory. */
export async function charmUnderTest(charmDir: string, main: CharmMain): Promise<CharmUnderTest> {
  const [metadata, config, actions] = await Promise.all([
    readMetadata(charmDir),
    readConfigSpec(charmDir),
    readActionSpecs(charmDir),
  ]);
  return { main, metadata, config, actions };
}
