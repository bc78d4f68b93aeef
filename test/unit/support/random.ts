// Chance that is the same at every run: what a fuzzer finds can be found again.

/** Numbers and bytes by chance. */
export interface Random {
  /** From 0 to below the limit. */
  below(limit: number): number;
  bytes(length: number): Buffer;
  pick<T>(items: readonly T[]): T;
  /** A copy with some bytes overwritten, inserted, removed, repeated, or its end cut. */
  mutated(bytes: Uint8Array): Buffer;
}

/** A generator (mulberry32) from a seed. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => below(256)));
  const cut = (from: Buffer) => {
    const start = below(from.length + 1);
    return [from.subarray(0, start), from.subarray(start), from.subarray(start + below(8))] as const;
  };
  const mutations: readonly ((from: Buffer) => Buffer)[] = [
    from => Buffer.concat([cut(from)[0]]),
    from => Buffer.concat([cut(from)[0], cut(from)[2]]),
    from => {
      const [head, tail] = cut(from);
      return Buffer.concat([head, bytes(1 + below(4)), tail]);
    },
    from => {
      const [head, tail] = cut(from);
      return Buffer.concat([head, tail.subarray(0, 16), tail]);
    },
    from => {
      const copy = Buffer.from(from);
      if (copy.length > 0) copy[below(copy.length)] = below(256);
      return copy;
    },
  ];
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const mutated = (from: Uint8Array) => {
    let result: Buffer = Buffer.from(from);
    for (let count = 1 + below(3); count > 0; count--) result = pick(mutations)(result);
    return result;
  };
  return { below, bytes, pick, mutated };
}
