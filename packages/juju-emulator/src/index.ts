export { Emulator, type DeployOptions, type EmulatorOptions, type RunResult } from './controller/emulator';
export type { OnError } from './controller/model-controller';
export type { Fault } from './agent/faults';
export type { FullStatus, Task, World } from './model';
export type { LogRecord } from './store/debug-log';
export type { JournalEntry } from './store/journal';
export type { Clock } from './store/clock';
export type { Machine } from './machines/machine';
