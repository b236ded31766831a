import { saidNothing } from '../../src/domain/configuration';
import type { Acknowledgement, Recreation } from '../../src/domain/recreation';

/** A unit has done its part of the attempt's phase and has nothing to tell, with what a test changes. */
export const says = (
  { token, generation, phase }: Recreation,
  changes: Partial<Acknowledgement> = {},
): Acknowledgement => ({
  token,
  generation,
  phase,
  tried: null,
  problem: null,
  revision: null,
  quorum: false,
  tail: null,
  offer: null,
  damaged: false,
  choice: null,
  configuration: saidNothing,
  ...changes,
});
