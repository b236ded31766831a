/** Polls until `holds`. @throws what `failure` makes once the deadline has passed. */
export async function until(deadlineMs: number, holds: () => Promise<boolean>, failure: () => Error): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw failure();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
