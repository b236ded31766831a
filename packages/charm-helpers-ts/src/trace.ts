/** What happens inside a hook, for whoever wants to see it. No event carries values of relation data, state or secrets. */
export type TraceEvent =
  | { readonly kind: 'hook-started'; readonly hook: string; readonly unit: string }
  | { readonly kind: 'observed'; readonly round: number; readonly flags: readonly string[] }
  | { readonly kind: 'handler-started'; readonly round: number; readonly handler: string }
  | { readonly kind: 'handler-finished'; readonly round: number; readonly handler: string; readonly outcome: string }
  | {
      readonly kind: 'tool-finished';
      readonly tool: string;
      readonly args: readonly string[];
      readonly failed: string | null;
    }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'hook-finished'; readonly hook: string; readonly exitCode: number };

export interface Tracer {
  trace(event: TraceEvent): void;
}

/** Drops everything: the default. */
export const nullTracer: Tracer = { trace: () => undefined };

/**
 * Writes one JSON object a line: `{"ms":1.2,"kind":"observed",...}`.
 * @param now milliseconds on any clock that does not jump; lines count from the tracer's making.
 */
export function lineTracer(write: (line: string) => void, now: () => number): Tracer {
  const began = now();
  return {
    trace: (event) => write(JSON.stringify({ ms: Math.round((now() - began) * 10) / 10, ...event })),
  };
}
