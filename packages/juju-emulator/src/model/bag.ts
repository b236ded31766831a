/** Relation data of one unit or one application: flat strings, as `relation-set` writes them. */
export type Bag = Readonly<Record<string, string>>;

/** Juju's limit of one bag: the sum of all keys and values, bytes. */
export const bagLimit = 16 * 1024 * 1024;

/** The bag after a write in which an empty value deletes its key. */
export function mergeBag(bag: Bag, changes: Bag): Bag {
  const next: Record<string, string> = { ...bag };
  for (const [key, value] of Object.entries(changes)) {
    if (value === '') delete next[key];
    else next[key] = value;
  }
  return next;
}

/** Drops empty values: Juju stores no key with an empty value. */
export const withoutEmpty = (bag: Bag): Bag => mergeBag({}, bag);

/** Sum of the lengths of keys and values. */
export function bagSize(bag: Bag): number {
  let size = 0;
  for (const [key, value] of Object.entries(bag)) size += key.length + value.length;
  return size;
}
