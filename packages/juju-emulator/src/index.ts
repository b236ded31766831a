export { Emulator, type RunResult } from './controller/emulator';
export type { DeployOptions, EmulatorOptions } from './controller/emulator-options';
export type { OnError } from './controller/settling';
export type { Fault } from './agent/faults';
export type { FullStatus, Task, World } from './model';
export type { LogRecord } from './store/debug-log';
export type { JournalEntry } from './store/journal';
export { AdvanceableClock, type Clock } from './store/clock';
export type { Machine } from './machines/machine';
