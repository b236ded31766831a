import { basename } from 'node:path';
import { planAll } from '../domain/plan';
import type { Observed } from '../domain/observed';
import { statusOf } from '../domain/status';
import type { ArchivedFile } from '../execute/credentials-archive';
import { describeStep } from '../execute/describe-step';
import type { Execution } from '../execute/execution';
import { backupTimerName, drillTimerName } from '../ports/backup-units';
import { gateServiceName } from '../ports/gate-unit';
import { serviceName } from '../ports/service-unit';
import { formatHealth, healthReport } from './health';
import { backupSection, certificateSection, spaceSection } from './health-sections';
import { formatMemberList } from './member-list-action';

/** As much of a journal as can matter, lines. */
const journalLines = 20_000;
const programTimeoutMs = 20_000;

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** None of what is collected holds a private key; should one be there after all, it is not in the bundle. */
export const withoutSecrets = (text: string): string => text.replaceAll(privateKey, '[a private key was here]');

/** Maps and bigints have no JSON form of their own. */
const plain = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries(value);
  return typeof value === 'bigint' ? value.toString() : value;
};

/** What this unit sees and would do, as text: certificates are facts and fingerprints in it, never keys. */
export function observedFiles(observed: Observed): readonly ArchivedFile[] {
  const { word, message } = statusOf(observed);
  const sections = [backupSection(observed), spaceSection(observed), certificateSection(observed)];
  const health = formatHealth(healthReport(observed), sections);
  const plan = planAll(observed).flatMap(({ name, steps }) => steps.map((step) => `${name}: ${describeStep(step)}`));
  return [
    { name: 'status.txt', content: `${word}: ${message}\n` },
    { name: 'health.txt', content: `${health}\n` },
    { name: 'member-list.txt', content: `${formatMemberList(observed)}\n` },
    { name: 'plan.txt', content: `${plan.length === 0 ? 'nothing' : plan.join('\n')}\n` },
    { name: 'certificates.json', content: `${JSON.stringify(observed.tls, plain, 2)}\n` },
    { name: 'observed.json', content: `${JSON.stringify(observed, plain, 2)}\n` },
  ];
}

/** Output of a program; what kept it from running stands in its place. */
async function outputOf(
  { processes }: Execution,
  name: string,
  program: string,
  args: readonly string[],
): Promise<ArchivedFile> {
  try {
    const { stdout, stderr } = await processes.run(program, args, { timeoutMs: programTimeoutMs, allowFailure: true });
    return { name, content: stderr === '' ? stdout : `${stdout}\n${stderr}\n` };
  } catch (error) {
    return { name, content: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

/** Files as they are; those that are not there are left out. */
async function copied({ files }: Execution, paths: readonly string[]): Promise<readonly ArchivedFile[]> {
  const texts = await Promise.all(
    paths.map(async (path) => ({ name: basename(path), content: await files.read(path) })),
  );
  return texts.flatMap(({ name, content }) => (content === null ? [] : [{ name, content }]));
}

const journal = (unit: string): readonly string[] => [
  '--no-pager',
  '--output=short-iso',
  `--lines=${journalLines}`,
  `--unit=${unit}.service`,
];

/** Everything that helps to understand a unit from afar, without secrets. */
export async function debugFiles(observed: Observed, execution: Execution): Promise<readonly ArchivedFile[]> {
  const { paths, context, architecture } = execution;
  const { journal: steps, oldJournal, configFile, runningConfig, marker, gate, schedule, backupState } = paths;
  const [etcd, etcdJournal, gateJournal, backupJournal, timers, services, disks, tree, texts] = await Promise.all([
    outputOf(execution, 'etcd-version.txt', `${paths.current}/etcd`, ['--version']),
    outputOf(execution, 'journal-etcd.txt', 'journalctl', journal(serviceName)),
    outputOf(execution, 'journal-gate.txt', 'journalctl', journal(gateServiceName)),
    outputOf(execution, 'journal-backup.txt', 'journalctl', [
      ...journal(backupTimerName),
      `--unit=${drillTimerName}.service`,
    ]),
    outputOf(execution, 'timers.txt', 'systemctl', ['list-timers', '--all', '--no-pager']),
    outputOf(execution, 'services.txt', 'systemctl', [
      'status',
      '--no-pager',
      '--lines=0',
      serviceName,
      gateServiceName,
    ]),
    outputOf(execution, 'df.txt', 'df', ['-h']),
    // Names and sizes only.
    outputOf(execution, 'data-files.txt', 'ls', ['-lR', paths.volume]),
    copied(execution, [
      steps,
      oldJournal,
      configFile,
      marker,
      gate.settings,
      gate.heldBack,
      schedule.settings,
      schedule.notes,
      backupState,
    ]),
  ]);
  const running = await execution.files.read(runningConfig);
  const about = [
    `unit: ${context.unit}`,
    `model: ${context.model.uuid}`,
    `juju: ${context.jujuVersion}`,
    `node and charm: ${observed.gate.wanted} on ${architecture}`,
    `etcd: ${observed.workload.current ?? 'none'} (installed: ${observed.workload.installed.join(', ')})`,
    '',
  ].join('\n');
  const all: readonly ArchivedFile[] = [
    { name: 'about.txt', content: about },
    ...observedFiles(observed),
    etcd,
    etcdJournal,
    gateJournal,
    backupJournal,
    timers,
    services,
    disks,
    tree,
    ...texts,
    ...(running === null ? [] : [{ name: 'running-etcd.conf.yml', content: running }]),
  ];
  return all.map(({ name, content }) => ({ name, content: withoutSecrets(content) }));
}
