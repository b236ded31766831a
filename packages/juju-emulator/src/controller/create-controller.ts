import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureJujuExec } from '../agent/juju-exec-client';
import { type RetryPolicy, jujuRetryPolicy } from '../agent/retry-timer';
import { LightMachineHost, NspawnMachineHost, claimModelFiles, defaultCacheDir, removeModelFiles } from '../machines';
import { emptyWorld } from '../model';
import { AdvanceableClock } from '../store/clock';
import { DebugLog } from '../store/debug-log';
import { Journal } from '../store/journal';
import { WorldStore } from '../store/world-store';
import { ensureHookToolClient } from '../tools';
import { agentVersionOf } from './emulated-version';
import type { EmulatorOptions } from './emulator-options';
import { ModelController } from './model-controller';

/** The controller of an empty model as the options say; without a directory of theirs it keeps its files as long as it lives. */
export async function createController(options: EmulatorOptions): Promise<ModelController> {
  const model = options.model ?? `m${randomUUID().slice(0, 8)}`;
  if (options.directory !== undefined) return controllerIn(options.directory, model, options);
  const directory = await claimModelFiles(model);
  try {
    return await controllerIn(directory, model, options);
  } catch (error) {
    removeModelFiles(model);
    throw error;
  }
}

async function controllerIn(directory: string, model: string, options: EmulatorOptions): Promise<ModelController> {
  const light = options.light === true;
  const kept = options.directory !== undefined;
  const clock = options.clock ?? new AdvanceableClock();
  const agentVersion = agentVersionOf(options.agentVersion);
  const modelUuid = options.modelUuid ?? randomUUID();
  const world = emptyWorld({ modelName: model, modelUuid, seed: options.seed, agentVersion });
  world.config['update-status-hook-interval'] = options.updateStatusInterval ?? 0;
  const factor = options.retryFactor ?? (light ? 0.01 : 1);
  const retry: RetryPolicy = { firstMs: jujuRetryPolicy.firstMs * factor, maxMs: jujuRetryPolicy.maxMs * factor };
  const cache = join(
    light ? tmpdir() : defaultCacheDir,
    light ? `juju-emulator-clients-${process.getuid?.() ?? 0}` : 'clients',
  );
  const [hookTool, jujuExec] = await Promise.all([ensureHookToolClient(cache), ensureJujuExec(cache)]);
  const host =
    options.host ??
    (light
      ? new LightMachineHost({ model })
      : new NspawnMachineHost({
          model,
          ...(options.onProgress === undefined ? {} : { onLine: options.onProgress }),
        }));
  const controller = new ModelController({
    store: new WorldStore(world, kept ? join(directory, 'world.json') : undefined),
    log: new DebugLog(kept ? join(directory, 'debug-log.jsonl') : undefined),
    journal: new Journal(() => clock.now(), kept ? join(directory, 'journal.jsonl') : undefined),
    clock,
    host,
    dataDir: directory,
    clients: { hookTool, jujuExec },
    agentVersion,
    retry,
    leaseMs: options.leaseMs ?? 50_000,
    pauseMs: options.jujuTiming === true ? 200 : 0,
    oneAtATime: options.oneAtATime === true,
  });
  controller.options.journal.write('model created', undefined, {
    model,
    modelUuid,
    seed: options.seed,
    light,
    oneAtATime: options.oneAtATime === true,
    agentVersion,
  });
  return controller;
}
