// Bencoding, the one direction that making torrents needs.

/** What can be bencoded; text becomes UTF-8, bytes stay as they are. */
export type Bencodable =
  | string
  | number
  | Uint8Array
  | readonly Bencodable[]
  | { readonly [key: string]: Bencodable };

/** Encodes a value, the keys of a dictionary in the order of their bytes, as the format demands. */
export function bencode(value: Bencodable): Buffer {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer.`);
    return Buffer.from(`i${value}e`);
  }
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  const isList = (items: object): items is readonly Bencodable[] => Array.isArray(items);
  if (isList(value)) return Buffer.concat([Buffer.from('l'), ...value.map(bencode), Buffer.from('e')]);
  const entries = Object.entries(value)
    .map(([key, item]) => [Buffer.from(key), item] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
    .flatMap(([key, item]) => [bencode(key), bencode(item)]);
  return Buffer.concat([Buffer.from('d'), ...entries, Buffer.from('e')]);
}
