/** The key of charm state under which {@link import('../domain/observed').Memory} is kept, as JSON. */
export const memoryKey = 'memory';
