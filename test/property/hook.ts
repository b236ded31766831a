import type { Observed } from '../../src/domain/observed';

export type Hook = Observed['event'] & { readonly departing?: boolean };

export const plain = (kind: string): Hook => ({ kind, endpoint: null, departingUnit: null });
