import type { Difference } from '../result';
import type { PlayedBatch } from './play';
import type { RecordedCommand } from './recording';

/** What a client command came back with. */
interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One comparison of a client command: what was recorded, and what the emulator printed. */
export type Comparand = Difference;

/**
 * Exit code, stderr and stdout of each played command whose answer was recorded, without what cannot be the same in two models:
 * see {@link comparable}.
 */
export function clientComparisons(played: readonly PlayedBatch[]): Comparand[] {
  return played.flatMap(({ batch, results }) => {
    const commands = new Map([...batch.commands, ...batch.reads].map((command) => [command.id, command]));
    return results.flatMap(({ id, result }) => {
      const command = commands.get(id);
      const recorded = command === undefined ? undefined : recordedOutput(command);
      return command === undefined || recorded === undefined ? [] : compare(command, recorded, result);
    });
  });
}

function compare({ id, argv }: RecordedCommand, recorded: Output, own: Output): Comparand[] {
  const at = `client ${id}`;
  return [
    { id: `${at} code`, where: argv.join(' '), expected: String(recorded.code), actual: String(own.code) },
    ...(['stderr', 'stdout'] as const).map((stream) => ({
      id: `${at} ${stream}`,
      where: argv.join(' '),
      expected: comparable(recorded[stream]),
      actual: comparable(own[stream]),
    })),
  ];
}

const recordedOutput = ({ rc, stdout, stderr }: RecordedCommand): Output | undefined =>
  rc === undefined ? undefined : { code: rc, stdout, stderr };

/** What the host, the clock and chance give; the order matters: a time holds what looks like an address. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( \+0000 UTC|Z)?/g, '<time>'],
  [/\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\dZ?/g, '<time>'],
  [/\b\d\d:\d\d:\d\dZ?\b/g, '<time>'],
  [/\b(\d+ (seconds?|minutes?|hours?) ago|just now)\b/g, '<ago>'],
  [/\b[a-z0-9]{20}\b/g, '<id>'],
  [/-[0-9a-f]{32}\b/g, '-<random>'],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
  [/\b(manual:)?\d{1,3}(\.\d{1,3}){3}(\/\d+|:\d+)?/g, '<address>'],
  [/\S*\/var\/lib\/juju\b/g, '<juju>'],
  [/\b\d+\.\d+-beta\d+(-[a-z]+-[a-z0-9]+)?/g, '<version>'],
  // The recording charm tells the hook before: an update-status of the timer may have come in between.
  [/last hook [\w-]+/g, 'last hook <name>'],
  // Storage of the pool rootfs is as large as the host's disk.
  [/\b\d+(\.\d+)? [MGT]iB/g, '<size>'],
];

/** Of the model, the cloud and its machines: in tables, */
const tables: readonly (readonly [RegExp, string])[] = [
  [/(?<=^Model {2}Controller.*\n).*$/gm, '<model>'],
  [/^(\d+ {2}\w+ {2}<address>) {2}\S+ {2}(\S+)( {2}.*)?$/gm, '$1  <instance>  $2  <message>'],
  // Who leads is open.
  [/^( *[\w-]+\/\d+)\*/gm, '$1'],
  [/^(JUJU_MODEL_NAME|JUJU_API_ADDRESSES|TERM|LANG)=.*$/gm, '$1=<host>'],
];

/** and in JSON and YAML. */
const documents: readonly (readonly [RegExp, string])[] = [
  [/"network-interfaces":\{("[^"]*":\{[^{}]*\},?)*\}/g, '"network-interfaces":<host>'],
  [/"model":\{"name":"[^"]*"/g, '"model":{"name":"<model>"'],
  [/,"hardware":"[^"]*"|^ *hardware: .*\n/gm, ''],
  [/(?<="pool":"rootfs","size":)\d+/g, '<size>'],
  [/^( *network-interfaces:\n( *)\S+:\n)(\2 +\S.*\n)+/gm, '  network-interfaces: <host>\n'],
  [/^( *machine-status:\n *current: running\n *message: ).*$/gm, '$1<message>'],
  [/"(controller|cloud|hostname|instance-id)":"[^"]*"/g, '"$1":"<host>"'],
  [/("machine-status":\{"current":"running","message":)"[^"]*"/g, '$1"<message>"'],
  [/^( *)(controller|cloud|hostname|instance-id): .*$/gm, '$1$2: <host>'],
  [/(?<=^model:\n {2}name: ).*$/gm, '<model>'],
  [/,"leader":true|^ *leader: true\n/gm, ''],
];

/** A text without what differs from one model to the next; columns are as wide as what stands in them. */
export function comparable(text: string): string {
  const replaced = (result: string, [pattern, word]: readonly [RegExp, string]): string =>
    result.replace(pattern, word);
  const masked = masks
    .reduce(replaced, text)
    .replace(/(?<=\S) {2,}(?=\S)/g, '  ')
    .replace(/ +$/gm, '');
  return [...tables, ...documents].reduce(replaced, masked);
}
