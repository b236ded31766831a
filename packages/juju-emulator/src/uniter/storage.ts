import { type Answer, type Look } from './look';

/** Storage hooks, and the wait for storage before install. */
export function nextStorageHook(look: Look): Answer {
  const { remote, unit } = look;
  const dying = remote.life === 'dying';
  if (dying && !look.agent.storageDestroyed) {
    look.effects.push({ kind: 'destroy-storage-attachments' });
    look.agent = { ...look.agent, storageDestroyed: true };
  }
  const attachments = remote.storage.map((one) => ({
    ...one,
    life: dying && one.life === 'alive' ? ('dying' as const) : one.life,
  }));
  const hadHook = (id: string) => unit.storage.includes(id);
  // Never attached as far as the charm knows: it goes without a hook.
  for (const one of attachments) {
    if (one.life !== 'alive' && !hadHook(one.id))
      look.effects.push({ kind: 'remove-storage-attachment', storageId: one.id });
  }

  const installQueued = unit.kind === 'run-hook' && unit.step === 'queued' && unit.hook?.kind === 'install';
  if (unit.kind !== 'continue' && !installQueued) return undefined;
  const due = attachments.filter((one) =>
    one.life === 'alive' ? one.attached && !hadHook(one.id) : one.life === 'dying' && hadHook(one.id),
  );
  const [id] = look.shuffled(
    'storage',
    due.map((one) => one.id),
  );
  const chosen = due.find((one) => one.id === id);
  if (chosen !== undefined) {
    return look.runHook({
      kind: chosen.life === 'alive' ? 'storage-attached' : 'storage-detaching',
      storageId: chosen.id,
    });
  }
  const pending = attachments.some((one) => one.life === 'alive' && !hadHook(one.id));
  return pending && !unit.installed ? { kind: 'rest', rest: 'waiting' } : undefined;
}
