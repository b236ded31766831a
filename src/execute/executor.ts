import type { CharmLog } from '@juju/charm-helpers-ts';
import { CharmError } from '../domain/errors';
import type { Step, StepOf } from '../domain/step';
import { serviceName, wakeName } from '../ports/service-unit';
import { describeStep } from './describe-step';
import * as cluster from './execute-cluster';
import * as gate from './execute-gate';
import * as maintenance from './execute-maintenance';
import * as member from './execute-member';
import * as recreation from './execute-recreation';
import * as relations from './execute-relations';
import * as tls from './execute-tls';
import * as workload from './execute-workload';
import { clearwaterNode, done, type Execution, type StepOutcome } from './execution';
import type { Journal } from './journal';

/**
 * How soon a step that etcd did not take now is worth another try, seconds. It takes no new member until all are connected for 5 s
 * (etcd's HealthInterval); a member that does not answer at all may take longer.
 */
const retryAfterSeconds = (error: CharmError): number => (error.code === 'ETCD_REFUSED' ? 5 : 15);

/** Carries steps out, one at a time, each idempotent; writes the journal and one line of log per step. */
export class Executor {
  private readonly execution: Execution;
  private readonly journal: Journal;
  private readonly log: CharmLog;
  private readonly afterStep: (kind: Step['kind']) => void;
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(execution: Execution, journal: Journal, log: CharmLog, afterStep: (kind: Step['kind']) => void) {
    this.execution = execution;
    this.journal = journal;
    this.log = log;
    this.afterStep = afterStep;
  }

  /**
   * Carries one step out. What etcd could not do now is waiting, with a timer that wakes the charm; everything else that goes wrong
   * is thrown and fails the hook, which Juju runs again.
   */
  async execute(step: Step): Promise<StepOutcome> {
    if (step.kind === 'wake-later' && step.afterSeconds >= this.armedFor) return done;
    try {
      return await this.perform(step);
    } catch (error) {
      if (!(error instanceof CharmError && error.retryable && error.code.startsWith('ETCD_'))) throw error;
      const after = retryAfterSeconds(error);
      this.log.warning(`Not possible now, tried again in ${after} s: ${error.message}`);
      await this.wake(after);
      return { outcome: 'waiting', reason: error.message, wokenBy: `a timer in ${after} s` };
    }
  }

  /** Carries one step out, as an action does: whatever goes wrong is thrown, for the operator to read at once. */
  async perform(step: Step): Promise<StepOutcome> {
    const { clock } = this.execution;
    const began = clock.monotonic();
    let changed = true;
    try {
      const outcome = await this.carryOut(step);
      changed = outcome.outcome !== 'done' || outcome.unchanged !== true;
      const ms = clock.monotonic() - began;
      await this.journal.write(
        step,
        outcome.outcome,
        ms,
        outcome.outcome === 'waiting' ? outcome.reason : outcome.instead,
      );
      this.log.info(
        outcome.outcome === 'done' ? (outcome.instead ?? describeStep(step)) : `Waiting ${outcome.reason}.`,
      );
      return outcome;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await this.journal.write(step, 'failed', clock.monotonic() - began, why);
      throw error;
    } finally {
      if (changed) this.afterStep(step.kind);
    }
  }

  private async carryOut(step: Step): Promise<StepOutcome> {
    const { execution } = this;
    switch (step.kind) {
      case 'await-serving':
        return member.awaitServing(step, execution);
      case 'start-gate':
        return this.startGate(step);
      case 'start-mirror': {
        const { startMirror } = await import('./execute-mirror');
        const outcome = await startMirror(step, execution);
        if (outcome.outcome === 'waiting') await this.wake(gate.retrySeconds);
        return outcome;
      }
      case 'seed-keys': {
        const { seedFromFiles } = await import('./execute-load');
        return seedFromFiles(step, execution);
      }
      case 'load-clearwater-stores': {
        const { loadFromStores } = await import('./execute-load');
        return loadFromStores(step, execution);
      }
      case 'start-standby':
      case 'restart-proxy': {
        const { startStandby } = await import('./execute-standby');
        const outcome = await startStandby(step, execution);
        if (outcome.outcome === 'waiting') await this.wake(gate.retrySeconds);
        return outcome;
      }
      case 'install-backup-timer': {
        const { installBackupTimer } = await import('./execute-backup-timer');
        return installBackupTimer(step, execution);
      }
      case 'seek-quorum':
        return cluster.seekQuorum(step, execution);
      case 'promote-learner':
        return cluster.promoteLearner(step, execution);
      case 'take-turn':
        return cluster.takeTurn(step, execution);
      case 'wait':
        return { outcome: 'waiting', reason: step.why, wokenBy: step.wokenBy.by };
      case 'block':
        return { outcome: 'waiting', reason: step.why, wokenBy: 'the operator' };
      default:
        await this.carryOutAtOnce(step);
        return done;
    }
  }

  private async carryOutAtOnce(
    step: Exclude<
      Step,
      {
        kind:
          | 'await-serving'
          | 'start-gate'
          | 'start-mirror'
          | 'seed-keys'
          | 'load-clearwater-stores'
          | 'start-standby'
          | 'restart-proxy'
          | 'install-backup-timer'
          | 'seek-quorum'
          | 'promote-learner'
          | 'take-turn'
          | 'wait'
          | 'block';
      }
    >,
  ): Promise<void> {
    const { execution } = this;
    switch (step.kind) {
      case 'install-binaries':
        return workload.installBinaries(step, execution);
      case 'switch-binaries':
        return workload.switchBinaries(step, execution);
      case 'write-service-unit':
        return workload.writeServiceUnit(execution);
      case 'set-application-version':
        return execution.tools.applicationVersionSet(step.version);
      case 'request-certificate':
        return tls.requestCertificate(step, execution);
      case 'request-client-certificate':
        return tls.requestClientCertificate(step, execution);
      case 'install-certificates':
        return tls.installCertificates(step, execution);
      case 'package-credentials': {
        const { packageCredentials } = await import('./execute-credentials');
        return packageCredentials(step, execution);
      }
      case 'publish-peer':
        return relations.publishPeer(step, execution);
      case 'write-founding':
        return relations.writeFounding(step, execution);
      case 'write-recreation':
        return relations.writeRecreation(step, execution);
      case 'stage-snapshot':
        return recreation.stageSnapshot(step, execution);
      case 'check-staged':
        return recreation.checkStaged(step, execution);
      case 'clear-staged':
        return recreation.clearStaged(execution);
      case 'save-survivor': {
        const { saveOffer } = await import('./execute-recovery');
        return saveOffer(step, execution);
      }
      case 'stage-newest': {
        const { stageNewest } = await import('./execute-recovery');
        return stageNewest(step, execution);
      }
      case 'measure-data':
        return recreation.measureData(execution);
      case 'restore-data':
        return recreation.restoreData(step, execution);
      case 'adopt-data':
        return recreation.adoptData(execution);
      case 'record-members':
        return relations.recordMembers(step, execution);
      case 'remember':
        return relations.remember(step, execution);
      case 'publish-client':
        return relations.publishClient(step, execution);
      case 'set-ports':
        return relations.setPorts(step, execution);
      case 'install-gate':
        return gate.installGate(step, execution);
      case 'write-gate-settings':
        return gate.writeGateSettings(step, execution);
      case 'remove-gate':
        return gate.removeGate(execution);
      case 'remove-backup-timer': {
        const { removeBackupTimer } = await import('./execute-backup-timer');
        return removeBackupTimer(execution);
      }
      case 'remove-backups': {
        const { removeBackups } = await import('./execute-backup-timer');
        return removeBackups(step, execution);
      }
      case 'stop-mirror': {
        const { stopMirror } = await import('./execute-mirror');
        return stopMirror(execution);
      }
      case 'remove-mirror': {
        const { removeMirror } = await import('./execute-mirror');
        return removeMirror(execution);
      }
      case 'remove-standby': {
        const { removeStandby } = await import('./execute-standby');
        return removeStandby(execution);
      }
      case 'write-etcd-config':
        return member.writeEtcdConfig(step, execution);
      case 'mark-data':
        return member.markData(step, execution);
      case 'start-etcd':
        return member.startEtcd(execution);
      case 'restart-etcd':
        return execution.services.restart(serviceName);
      case 'stop-etcd':
        return member.stopEtcd(execution);
      case 'move-data-aside':
        return member.moveDataAside(execution);
      case 'add-learner':
        return cluster.addLearner(step, execution);
      case 'remove-member':
        return cluster.removeMember(step, execution);
      case 'move-leadership':
        return cluster.moveLeadership(step, execution);
      case 'update-peer-url':
        return cluster.updatePeerUrl(step, execution);
      case 'release-turn':
        return cluster.releaseTurn(execution);
      case 'compact':
        return maintenance.compact(step, execution);
      case 'save-backup': {
        const { saveBackup } = await import('./execute-backup');
        return saveBackup(step, execution);
      }
      case 'drill-backup': {
        const { drillBackup } = await import('./execute-backup');
        return drillBackup(step, execution);
      }
      case 'defragment':
        return maintenance.defragment(step, execution);
      case 'remove-aside':
        return maintenance.removeAside(step, execution);
      case 'disarm-alarm':
        return maintenance.disarmAlarm(step, execution);
      case 'put-cluster-state': {
        const { putClusterState } = await import('./execute-clearwater');
        return putClusterState(step, execution);
      }
      case 'hold-cluster-manager': {
        const { holdClusterManager } = await import('../clearwater/cluster-manager-marker');
        return holdClusterManager(clearwaterNode(execution));
      }
      case 'release-cluster-manager': {
        const { releaseClusterManager } = await import('../clearwater/cluster-manager-marker');
        return releaseClusterManager(clearwaterNode(execution));
      }
      case 'wake-later':
        return this.wake(step.afterSeconds);
      case 'fail-hook':
        throw new CharmError({ code: 'NO_QUORUM', operation: 'hook', message: step.why, retryable: true });
    }
  }

  private async startGate(step: StepOf<'start-gate'>): Promise<StepOutcome> {
    const outcome = await gate.startGate(step, this.execution);
    if (outcome.outcome === 'waiting') await this.wake(gate.retrySeconds);
    return outcome;
  }

  /** One timer a hook: the soonest that was asked for. */
  private async wake(afterSeconds: number): Promise<void> {
    if (afterSeconds >= this.armedFor) return;
    this.armedFor = afterSeconds;
    await this.execution.services.wakeLater(wakeName, afterSeconds, this.execution.wakeCommand);
  }
}
