import type { Fault } from '../../agent/faults';
import { type FaultRequest, type MachineFault, machineFaults } from '../../controller/fault-request';
import { CliError } from '../cli-error';
import { milliseconds, type Registry, sessionOf, verb } from '../program';

/** What can be made to go wrong, for help. */
const kinds = `makes something go wrong:
  kill UNIT HOOK N [before|after] [with-agent]   kill the hook at its N-th hook-tool call
  kill-after UNIT HOOK TIME [with-agent]         kill the hook when it has run so long (200ms, 3s)
  refuse-commit UNIT HOOK                        refuse what the hook wants to commit
  lose-leadership UNIT HOOK TO                   leadership moves to TO between the hook's end and its commit
  die-before-commit UNIT HOOK                    the agent dies after the hook ended well
  move-leader APPLICATION UNIT | kill-agent UNIT | hold UNIT | release UNIT
  stop-machine|start-machine|reboot-machine|destroy-machine MACHINE
  freeze-machine|thaw-machine MACHINE            as a paused virtual machine
  unplug|plug MACHINE                            pull its network cable
  cut-link MACHINE [in|out|both] [MACHINE]       lose packets from, to or both; of one machine or all
  mend-link MACHINE                              take all cuts back
  limit-bandwidth MACHINE RATE|none              so many bits a second each way (500kbit, 10mbit)
  fill-disk MACHINE PATH [LEAVE]                 fill PATH's filesystem but for LEAVE bytes
  free-disk MACHINE                              take that back
  clear                                          forget faults that still wait for their moment`;

export function registerFault(registry: Registry): void {
  verb(registry, 'fault <what> [arguments...]', kinds).action(
    async (what: string, rest: string[], flags: { model?: string }) => {
      await sessionOf(flags).call('fault', parseFault(what, rest));
    },
  );
}

const usage = (text: string): CliError => new CliError(`${text}: see juju-emulator fault --help`, 2);
const isMachineFault = (what: string): what is MachineFault => (machineFaults as readonly string[]).includes(what);

/** The request that a command line means. @throws CliError (exit 2) if it means none */
export function parseFault(what: string, rest: readonly string[]): FaultRequest {
  const [first = '', second = '', third = ''] = rest;
  const arm = (fault: Fault): FaultRequest => ({ what: 'arm', fault });
  const withAgent = rest.includes('with-agent');
  const isMachine = isMachineFault(what);
  if (what !== 'clear' && first === '') throw usage(`fault ${what} needs more words`);
  if (isMachine) return { what, machine: first };
  switch (what) {
    case 'kill': {
      const call = Number(third);
      if (!Number.isInteger(call) || call < 1) throw usage('fault kill needs UNIT HOOK N');
      return arm({
        kind: 'kill',
        unit: first,
        hook: second,
        call,
        when: rest.includes('after') ? 'after' : 'before',
        withAgent,
      });
    }
    case 'kill-after': {
      const time = milliseconds(third);
      if (time === undefined) throw usage('fault kill-after needs UNIT HOOK TIME');
      return arm({ kind: 'kill-after', unit: first, hook: second, milliseconds: time, withAgent });
    }
    case 'refuse-commit':
    case 'die-before-commit':
      return arm({ kind: what, unit: first, hook: second });
    case 'lose-leadership':
      return arm({ kind: 'lose-leadership-at-commit', unit: first, hook: second, to: third });
    case 'move-leader':
      return { what, application: first, unit: second };
    case 'kill-agent':
    case 'hold':
    case 'release':
      return { what, unit: first };
    case 'cut-link': {
      const words = rest.slice(1);
      const direction = words.find((word) => word === 'in' || word === 'out' || word === 'both') ?? 'both';
      const peer = words.find((word) => /^\d+$/.test(word));
      if (words.some((word) => word !== direction && word !== peer))
        throw usage('fault cut-link needs MACHINE [in|out|both] [MACHINE]');
      return { what, machine: first, direction, ...(peer === undefined ? {} : { peer }) };
    }
    case 'limit-bandwidth':
      return { what, machine: first, ...(second === 'none' ? {} : { bitsPerSecond: rate(second) }) };
    case 'fill-disk': {
      const leaveBytes = third === '' ? 0 : Number(third);
      if (!second.startsWith('/') || !Number.isInteger(leaveBytes) || leaveBytes < 0)
        throw usage('fault fill-disk needs MACHINE PATH [BYTES]');
      return { what, machine: first, path: second, leaveBytes };
    }
    case 'clear':
      return { what };
    default:
      throw usage(`unknown fault "${what}"`);
  }
}

/** `500kbit`, `10mbit`, `1gbit` or bits a second. */
function rate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(k|m|g)?(?:bit)?$/.exec(text);
  if (match === null) throw usage(`invalid rate "${text}"`);
  return Math.round(Number(match[1]) * { '': 1, k: 1e3, m: 1e6, g: 1e9 }[(match[2] ?? '') as '' | 'k' | 'm' | 'g']);
}
