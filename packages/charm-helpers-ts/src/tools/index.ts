import { actionTools, type ActionTools } from './action';
import { configTools, type ConfigTools } from './config';
import { credentialTools, type CredentialTools } from './credential';
import { goalStateTools, type GoalStateTools } from './goal-state';
import { leaderTools, type LeaderTools } from './leader';
import { logTools, type LogTools } from './log';
import { networkTools, type NetworkTools } from './network';
import { portTools, type PortTools } from './port';
import { relationTools, type RelationTools } from './relation';
import { resourceTools, type ResourceTools } from './resource';
import type { HookToolRunner } from './runner';
import { secretTools, type SecretTools } from './secret';
import { stateTools, type StateTools } from './state';
import { statusTools, type StatusTools } from './status';
import { storageTools, type StorageTools } from './storage';
import { unitTools, type UnitTools } from './unit';

/** Every hook tool of Juju 2.9 to 4.x that a machine charm calls, under its own name in camel case. */
export interface HookTools
  extends
    ActionTools,
    ConfigTools,
    CredentialTools,
    GoalStateTools,
    LeaderTools,
    LogTools,
    NetworkTools,
    PortTools,
    RelationTools,
    ResourceTools,
    SecretTools,
    StateTools,
    StatusTools,
    StorageTools,
    UnitTools {}

/** The hook tools over one runner: the real one, or that of the testing kit. */
export const createHookTools = (runner: HookToolRunner): HookTools => ({
  ...actionTools(runner),
  ...configTools(runner),
  ...credentialTools(runner),
  ...goalStateTools(runner),
  ...leaderTools(runner),
  ...logTools(runner),
  ...networkTools(runner),
  ...portTools(runner),
  ...relationTools(runner),
  ...resourceTools(runner),
  ...secretTools(runner),
  ...stateTools(runner),
  ...statusTools(runner),
  ...storageTools(runner),
  ...unitTools(runner),
});
