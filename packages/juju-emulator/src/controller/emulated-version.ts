/** JUJU_VERSION of the emulator: the version whose behaviour the recordings show. */
export const emulatedVersion = '4.1-beta2';
