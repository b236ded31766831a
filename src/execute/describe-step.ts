import { describeSchedule } from '../domain/backup-schedule';
import { describeLoss, describeSource, type Recreation } from '../domain/recreation';
import type { Step } from '../domain/step';

/** One line for the operator: what the charm just did. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'install-binaries':
      return `Installed etcd ${step.version} from ${step.source === 'resource' ? 'the resource' : step.source}.`;
    case 'switch-binaries':
      return `Switched to etcd ${step.version}.`;
    case 'write-service-unit':
      return 'Wrote the systemd unit etcd.service.';
    case 'set-application-version':
      return `Told Juju the version: ${step.version}.`;
    case 'request-certificate':
      return `Asked the certificate authority for ${step.replaced === null ? 'a certificate' : 'a certificate with a new key'} for ${step.request.commonName}.`;
    case 'request-client-certificate':
      return `Asked the certificate authority for a client certificate for ${step.request.commonName}.`;
    case 'install-certificates':
      return `Put the new certificates in place (server ${step.fingerprints.server.slice(0, 16)}).`;
    case 'package-credentials':
      return `Packaged the client credentials of ${step.commonName} in ${step.path}.`;
    case 'publish-peer':
      return `Told the other units: ${describeBag(step.bag)}.`;
    case 'write-founding':
      return `Decided the founding of the cluster, generation ${step.founding.generation}, by ${step.founding.initial.map(({ unit }) => unit).join(', ')}.`;
    case 'record-members':
      return `Recorded which unit has which member: ${[...step.members].map(([id, unit]) => `${unit} ${id}`).join(', ')}.`;
    case 'remember':
      return 'Noted what this unit waits for.';
    case 'install-gate':
      return `Put the program of the start gate in place (${step.release}).`;
    case 'write-gate-settings':
      return `Told the start gate whom to ask: ${step.settings.peers.map(({ unit }) => unit).join(', ') || 'nobody'}; the newest generation known here is ${step.settings.decided?.generation ?? 'none'}.`;
    case 'start-gate':
      return `Started the responder of the start gate: ${step.listening}.`;
    case 'remove-gate':
      return 'Removed the start gate.';
    case 'install-backup-timer':
      return `Put the schedule of backups in place: ${describeSchedule(step.settings)}.`;
    case 'remove-backup-timer':
      return 'Removed the schedule of backups.';
    case 'remove-backups':
      return `Removed ${step.names.length} backups from ${step.target}: ${step.names.join(', ')}.`;
    case 'start-mirror':
      return `Started the configuration mirror for ${step.settings.entries.length} files.`;
    case 'stop-mirror':
      return 'Stopped the configuration mirror.';
    case 'remove-mirror':
      return 'Removed the configuration mirror; its files and keys stay.';
    case 'start-standby':
      return `Stands by for the members at ${step.settings.members.join(', ')}: clients are served on ${step.settings.proxy.listen}.`;
    case 'restart-proxy':
      return `Restarted the proxy of this standby: ${step.why}.`;
    case 'remove-standby':
      return 'Removed the services of a standby.';
    case 'write-etcd-config':
      return `Wrote etcd's configuration for ${step.config.version} (initial-cluster-state ${step.config.initialClusterState}).`;
    case 'mark-data':
      return `Marked the data directory for generation ${step.marker.generation}, to be started as ${step.marker.startedAs}.`;
    case 'start-etcd':
      return `Started etcd: ${step.why}.`;
    case 'restart-etcd':
      return `Restarted etcd: ${step.why}.`;
    case 'stop-etcd':
      return `Stopped etcd: ${step.why}.`;
    case 'await-serving':
      return 'Waited for etcd to serve.';
    case 'move-data-aside':
      return `Moved the data directory aside: ${step.why}.`;
    case 'write-recreation':
      return describeRecreation(step.recreation);
    case 'stage-snapshot':
      return `Put the verified snapshot of revision ${step.staged.recreation.snapshot.revision} in place for generation ${step.staged.recreation.generation}.`;
    case 'check-staged':
      return 'Read the snapshot that is to be restored once more.';
    case 'clear-staged':
      return `Removed the copy of the snapshot: ${step.why}.`;
    case 'measure-data':
      return 'Read the last revision and the end of the log in the data that are to be moved aside.';
    case 'seek-quorum':
      return 'Looked for a majority that works.';
    case 'save-survivor':
      return `Made a database of all that the member of this unit had, for generation ${step.recreation.generation}.`;
    case 'stage-newest':
      return 'Looked for the newest good backup on this unit.';
    case 'restore-data':
      return `Made a data directory of the snapshot of revision ${step.staged.recreation.snapshot.revision}, generation ${step.staged.recreation.generation}.`;
    case 'adopt-data':
      return `Put the restored data of generation ${step.generation} in place.`;
    case 'add-learner':
      return `Added ${step.peerUrl} to the cluster as a learner.`;
    case 'promote-learner':
      return `Promoted member ${step.memberId} to a voter.`;
    case 'remove-member':
      return `Removed member ${step.memberId}${step.unit === null ? '' : ` of ${step.unit}`}: ${step.why}.`;
    case 'move-leadership':
      return `Moved etcd's leadership from ${step.from} to ${step.to}.`;
    case 'update-peer-url':
      return `Changed the peer URL of member ${step.memberId} to ${step.peerUrl}.`;
    case 'save-backup':
      return `Saved a snapshot in ${step.target}.`;
    case 'drill-backup':
      return `Restored the backup ${step.source} for a drill.`;
    case 'take-turn':
      return `Took the turn for: ${step.purpose}.`;
    case 'release-turn':
      return 'Gave the turn back.';
    case 'compact':
      return `Compacted the store to revision ${step.revision}.`;
    case 'defragment':
      return `Defragmented the database of member ${step.memberId}.`;
    case 'disarm-alarm':
      return `Disarmed the alarm ${step.alarm.alarm} of member ${step.alarm.memberId}.`;
    case 'put-cluster-state':
      return `Wrote ${step.key}: ${step.value}`;
    case 'hold-cluster-manager':
      return "Stopped Clearwater's cluster manager and keeps it from starting.";
    case 'release-cluster-manager':
      return "Clearwater's cluster manager may start again.";
    case 'seed-keys':
      return `Made keys of the files on this unit, where they were absent: ${step.entries.map(({ file }) => file).join(', ')}.`;
    case 'load-clearwater-stores':
      return "Loaded the clusters of Clearwater's data stores.";
    case 'remove-aside':
      return `Removed data that were moved aside: ${step.names.join(', ')}.`;
    case 'publish-client':
      return `Gave the clients on ${step.relationId}: ${step.connectionString}.`;
    case 'set-ports':
      return `Opened ports: ${step.open.join(', ') || 'none'}; closed: ${step.close.join(', ') || 'none'}.`;
    case 'wake-later':
      return `Will look again in ${step.afterSeconds} s: ${step.why}.`;
    case 'wait':
      return `Waiting: ${step.why}.`;
    case 'block':
      return `Blocked: ${step.why}`;
    case 'fail-hook':
      return step.why;
  }
}

function describeRecreation(recreation: Recreation): string {
  const { generation, phase, problem } = recreation;
  if (phase === 'done')
    return `Recreated the cluster as generation ${generation}, from ${describeSource(recreation)}: ${describeLoss(recreation)}.`;
  if (phase === 'abandoned')
    return `Gave up recreating the cluster as generation ${generation}: ${problem ?? 'no reason given'}.`;
  return `Recreating the cluster as generation ${generation}: ${phase}.`;
}

function describeBag(bag: Extract<Step, { kind: 'publish-peer' }>['bag']): string {
  const said = [
    bag.peerUrl === null ? null : `ready at ${bag.peerUrl}`,
    bag.memberId === null ? null : `${bag.voter ? 'voter' : 'member'} ${bag.memberId}`,
    bag.recreation === null
      ? null
      : `${bag.recreation.phase} of generation ${bag.recreation.generation} ${bag.recreation.problem === null ? 'is done here' : `is not possible here: ${bag.recreation.problem}`}`,
    bag.neverElected === null ? null : `generation ${bag.neverElected} never elected a leader`,
  ].filter((text) => text !== null);
  return said.join(', ') || 'nothing is ready here';
}
