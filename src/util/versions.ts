/** Versions of daemons, as they tell them: `3.00`, `4.1.0-beta.2`, `5.1.0rc1`. */

/** Since when, and until which version, a daemon has something. */
export interface Span {
  /** The first version that has it; undefined: all have. */
  readonly since?: string | undefined;
  /** The first version that has it no more. */
  readonly until?: string | undefined;
}

/** Whether a version has it; of a version that is not known yet, or is no version, the newest is assumed. */
export function isWithin({ since, until }: Span, version: string | undefined): boolean {
  const numbers = version === undefined ? undefined : parse(version);
  const isAfter = (bound: string) => !numbers || compare(numbers, parse(bound) ?? []) >= 0;
  return (since === undefined || isAfter(since)) && (until === undefined || !isAfter(until));
}

/** The numbers of a version, -1 after them where it came before the release that they name. */
function parse(version: string): number[] | undefined {
  const [, digits, rest = ''] = /^(\d+(?:\.\d+)*)(.*)$/s.exec(version) ?? [];
  if (digits === undefined) return undefined;
  const numbers = digits.split('.').map(Number);
  return /^[-~.]?(dev|alpha|beta|rc)/i.test(rest) ? [...numbers, -1] : numbers;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
