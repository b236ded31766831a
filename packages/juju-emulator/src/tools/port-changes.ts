import type { PortRange } from './port-range';
import { formatPortRange, portRangesOverlap, samePortRange, sortPortRanges } from './port-range';
import { quote } from '../format/go-quote';
import { runError } from './tool-error';
import type { ContextFacts, PortChange } from './uniter-api';

const allEndpoints = '';

function isSame(change: PortChange, endpoint: string, range: PortRange): boolean {
  return change.endpoint === endpoint && samePortRange(change.range, range);
}

/** Opens and closes of one hook, checked against the machine's open ports, kept until the commit. */
export class PortChanges {
  private opens: PortChange[] = [];
  private closes: PortChange[] = [];

  constructor(
    private readonly unit: string,
    private readonly machinePorts: ContextFacts['machinePorts'],
  ) {}

  get pendingOpens(): readonly PortChange[] {
    return this.opens;
  }

  get pendingCloses(): readonly PortChange[] {
    return this.closes;
  }

  /** Refused when it overlaps another range on the machine, or one this hook asked for; its own again is no change. */
  open(endpoint: string, range: PortRange): void {
    this.closes = this.closes.filter((change) => !isSame(change, endpoint, range));
    if (this.checkPending('open', endpoint, range, this.opens)) return;
    if (this.checkMachine('open', endpoint, range)) return;
    this.opens.push({ endpoint, range });
  }

  /** Closing what is not open is asked of the controller all the same, unless the machine has nothing open at all. */
  close(endpoint: string, range: PortRange): void {
    this.opens = this.opens.filter((change) => !isSame(change, endpoint, range));
    if (this.checkPending('close', endpoint, range, this.closes)) return;
    this.checkMachine('close', endpoint, range);
    if (Object.keys(this.machinePorts).length > 0) this.closes.push({ endpoint, range });
  }

  /** The unit's open ranges as they will be after the commit, with their endpoints ('' is all). */
  opened(): readonly { readonly range: PortRange; readonly endpoints: readonly string[] }[] {
    const open = Object.entries(this.machinePorts[this.unit] ?? {})
      .flatMap(([endpoint, ranges]) => ranges.map((range) => ({ endpoint, range })))
      .concat(this.opens)
      .filter(
        (item) =>
          !this.closes.some((close) => close.endpoint === item.endpoint && samePortRange(close.range, item.range)),
      );
    const ranges = sortPortRanges(
      open.map((item) => item.range).filter((range, i, all) => all.findIndex((one) => samePortRange(one, range)) === i),
    );
    return ranges.map((range) => {
      const endpoints = open.filter((item) => samePortRange(item.range, range)).map((item) => item.endpoint);
      return { range, endpoints: endpoints.includes(allEndpoints) ? [allEndpoints] : [...new Set(endpoints)].sort() };
    });
  }

  /** @returns whether this very change is pending already. @throws ToolError for an overlap with another one. */
  private checkPending(verb: string, endpoint: string, range: PortRange, pending: readonly PortChange[]): boolean {
    for (const change of pending) {
      if (!portRangesOverlap(change.range, range)) continue;
      if (!samePortRange(change.range, range)) {
        throw this.conflict(verb, range, this.unit, change.range, ' requested earlier');
      }
      if (change.endpoint === endpoint) return true;
    }
    return false;
  }

  /** @returns whether the unit has this very range open for the endpoint. @throws ToolError for an overlap. */
  private checkMachine(verb: string, endpoint: string, range: PortRange): boolean {
    let isOpen = false;
    for (const [unit, byEndpoint] of Object.entries(this.machinePorts)) {
      for (const [openEndpoint, ranges] of Object.entries(byEndpoint)) {
        for (const open of ranges) {
          if (!portRangesOverlap(open, range)) continue;
          if (unit !== this.unit || !samePortRange(open, range)) throw this.conflict(verb, range, unit, open, '');
          if (openEndpoint === endpoint) isOpen = true;
        }
      }
    }
    return isOpen;
  }

  private conflict(verb: string, range: PortRange, otherUnit: string, other: PortRange, tail: string): Error {
    return runError(
      `cannot ${verb} ${formatPortRange(range)} (unit ${quote(this.unit)}): port range conflicts with ` +
        `${formatPortRange(other)} (unit ${quote(otherUnit)})${tail}`,
    );
  }
}
