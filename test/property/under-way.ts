import { isEnded, isSuperseded, type Recreation } from '../../src/domain/recreation';
import type { World } from '../../src/domain/simulate/world';

/** The attempt that the application has and that has neither ended nor been overtaken. */
export function underWay({ application: { recreation, founding } }: World): Recreation | null {
  return recreation === null || isEnded(recreation) || isSuperseded(recreation, founding) ? null : recreation;
}
