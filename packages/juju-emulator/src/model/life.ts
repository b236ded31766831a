/** Life of an entity, as Juju has it: it never goes back. */
export type Life = 'alive' | 'dying' | 'dead';
