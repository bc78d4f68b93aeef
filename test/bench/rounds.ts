// Rounds in which all contenders have a turn.
import type { Figures } from './serve.ts';

/** What each contender had in each round. */
export class Results {
  readonly #rounds: ReadonlyMap<string, readonly Figures[]>;

  constructor(rounds: ReadonlyMap<string, readonly Figures[]>) {
    this.#rounds = rounds;
  }

  /** The median of the rounds. */
  figure(contender: string, key: string): number {
    return median(this.#all(contender, key));
  }

  /** The median of what the quotient was in each round: what slows the machine down for a while slows both. */
  ratio(contender: string, other: string, key: string): number {
    const others = this.#all(other, key);
    return median(this.#all(contender, key).map((value, round) => value / (others[round] ?? Number.NaN)));
  }

  #all(contender: string, key: string): number[] {
    return this.#rounds.get(contender)?.map(figures => figures[key] ?? Number.NaN) ?? [];
  }
}

/** Asks all contenders so many times; a first round does not count. */
export async function alternate(
  contenders: readonly string[],
  rounds: number,
  ask: (contender: string) => Promise<Figures>,
): Promise<Results> {
  const all = new Map(contenders.map(contender => [contender, [] as Figures[]]));
  for (let round = 0; round <= rounds; round++) {
    // Each begins once in a while.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length] as string;
      const figures = await ask(contender);
      if (round > 0) all.get(contender)?.push(figures);
    }
  }
  return new Results(all);
}

/** The middle one; of an even number the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
