import type { PortRange } from './port-range';
import { formatPortRange, portRangesOverlap, samePortRange, sortPortRanges } from './port-range';
import { quote } from '../format/go-quote';
import { runError } from './tool-error';
import type { ContextFacts, PortChange } from './uniter-api';

const allEndpoints = '';

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
    const sameChange = (change: PortChange): boolean =>
      change.endpoint === endpoint && samePortRange(change.range, range);
    this.closes = this.closes.filter((change) => !sameChange(change));
    if (this.opens.some(sameChange) || this.isOpenFor(endpoint, range)) return;
    this.refuseConflict('open', range);
    const earlier = this.opens.find(
      (change) => portRangesOverlap(change.range, range) && !samePortRange(change.range, range),
    );
    if (earlier !== undefined) throw this.conflict('open', range, this.unit, earlier.range, ' requested earlier');
    this.opens.push({ endpoint, range });
  }

  /** Closing what is not open is asked of the controller all the same. */
  close(endpoint: string, range: PortRange): void {
    const sameChange = (change: PortChange): boolean =>
      change.endpoint === endpoint && samePortRange(change.range, range);
    this.opens = this.opens.filter((change) => !sameChange(change));
    this.refuseConflict('close', range);
    if (!this.closes.some(sameChange)) this.closes.push({ endpoint, range });
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

  private isOpenFor(endpoint: string, range: PortRange): boolean {
    return (this.machinePorts[this.unit]?.[endpoint] ?? []).some((open) => samePortRange(open, range));
  }

  private refuseConflict(verb: 'open' | 'close', range: PortRange): void {
    for (const [unit, byEndpoint] of Object.entries(this.machinePorts)) {
      for (const open of Object.values(byEndpoint).flat()) {
        if (!portRangesOverlap(open, range)) continue;
        if (unit === this.unit && samePortRange(open, range)) continue;
        throw this.conflict(verb, range, unit, open, '');
      }
    }
  }

  private conflict(verb: string, range: PortRange, otherUnit: string, other: PortRange, tail: string): Error {
    return runError(
      `cannot ${verb} ${formatPortRange(range)} (unit ${quote(this.unit)}): port range conflicts with ` +
        `${formatPortRange(other)} (unit ${quote(otherUnit)})${tail}`,
    );
  }
}
