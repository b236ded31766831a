import type { HookTools } from '@juju/charm-helpers-ts';
import { emptyMemory } from '../domain/memory';
import type { Memory } from '../domain/observed';
import { memoryKey } from '../ports/memory';

/** Facts kept in charm state: JSON under one key. What cannot be read is forgotten: every one of them can be learned again. */
export async function observeMemory(tools: HookTools): Promise<Memory> {
  const text = (await tools.stateGet())[memoryKey];
  if (text === undefined) return emptyMemory;
  try {
    return { ...emptyMemory, ...(JSON.parse(text) as Partial<Memory>) };
  } catch {
    return emptyMemory;
  }
}
