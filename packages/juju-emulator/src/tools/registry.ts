import { actionFail, actionGet, actionLog, actionSet } from './action';
import { configGet } from './config';
import { credentialGet } from './credential';
import { goalState } from './goal-state';
import { isLeader } from './leader';
import { leaderGet, leaderSet } from './leader-settings';
import { jujuLog } from './log';
import { networkGet } from './network';
import { closePort, openedPorts, openPort } from './ports';
import { jujuReboot } from './reboot';
import { relationGet, relationIds, relationList, relationModelGet } from './relation-read';
import { relationSet } from './relation-write';
import { resourceGet } from './resource';
import { secretGrant, secretRevoke } from './secret-access';
import { secretGet, secretIds, secretInfoGet } from './secret-read';
import { secretAdd, secretRemove, secretSet } from './secret-write';
import { stateDelete, stateGet, stateSet } from './state';
import { statusGet, statusSet } from './status';
import { storageAdd, storageGet, storageList } from './storage';
import type { Tool } from './tool';
import { applicationVersionSet, unitGet } from './unit';

export type ToolRegistry = ReadonlyMap<string, Tool>;

/** The hook tools of Juju 4.x for machine charms; leader-get and leader-set are gone there. */
export const jujuTools: ToolRegistry = new Map(
  [
    actionFail,
    actionGet,
    actionLog,
    actionSet,
    applicationVersionSet,
    closePort,
    configGet,
    credentialGet,
    goalState,
    isLeader,
    jujuLog,
    jujuReboot,
    networkGet,
    openPort,
    openedPorts,
    relationGet,
    relationIds,
    relationList,
    relationModelGet,
    relationSet,
    resourceGet,
    secretAdd,
    secretGet,
    secretGrant,
    secretIds,
    secretInfoGet,
    secretRemove,
    secretRevoke,
    secretSet,
    stateDelete,
    stateGet,
    stateSet,
    statusGet,
    statusSet,
    storageAdd,
    storageGet,
    storageList,
    unitGet,
  ].map((tool) => [tool.name, tool]),
);

/** The hook tools of Juju 3.6: leadership settings beside those of 4.x. */
const juju36Tools: ToolRegistry = new Map([
  ...jujuTools,
  ...[leaderGet, leaderSet].map((tool) => [tool.name, tool] as const),
]);

/** The hook tools that a Juju of this version has. @param agentVersion e.g. `4.1-beta2`, `3.6.0` */
export const toolsOf = (agentVersion: string): ToolRegistry =>
  agentVersion.startsWith('3.') ? juju36Tools : jujuTools;
