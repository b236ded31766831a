/** Which packets a cut link loses, seen from the machine. */
export type CutDirection = 'in' | 'out' | 'both';

/** What can be made to go wrong with one machine's network and disks while it runs. */
export interface MachineFaults {
  /**
   * Loses packets silently, as a broken network does. Cuts add up until `mend`.
   * @param peer IPv4 address; without it, everybody but the machine itself
   */
  cut(direction: CutDirection, peer?: string): Promise<void>;
  /** Takes all cuts back. */
  mend(): Promise<void>;
  /** Lets so many bits a second through, each way; undefined = as many as there are. */
  limitBandwidth(bitsPerSecond: number | undefined): Promise<void>;
  /**
   * Fills the filesystem of a directory but for so many bytes. A directory on the machine's root, which is the host's disk, gets a
   * filesystem of its own first, with the same files.
   * @returns how many bytes were taken
   * @throws MachineError `unsupported` where that cannot be, because a process has files open there for one: it says what to do
   */
  fillDisk(path: string, leaveBytes?: number): Promise<number>;
  /** Gives back what `fillDisk` took. */
  freeDisk(): Promise<void>;
}
