export type { Machine, MachineHost, MachineProcess, ProcessExit, SpawnOptions } from './machine';
export type { AttachedStorage, StorageRequest } from './machine-storage';
export { MachineError, type MachineErrorCode } from './machine-error';
export { defaultCacheDir, ensureImage, imageDir } from './machine-image';
export { defaultStateDir } from './model-record';
export { cleanLeftovers, NspawnMachineHost, type NspawnHostOptions } from './nspawn-host';
export { cleanLightLeftovers, defaultLightDir, LightMachineHost } from './light-host';
export type { LeftoverSelection } from './model-record';
