// How long the extension host may stand still at a stretch.
import type { Row } from './report.ts';

/** Milliseconds, while everything is listed. */
export const FULL_LIMIT_MS = 150;
/** Milliseconds, in a refresh with little that is new. */
export const REFRESH_LIMIT_MS = 50;

/** The column of tables that have a limit and nobody to compare with. */
export const LIMIT = 'the limit';

/** A line with a time; without a limit it is only told. */
export function inLimit(label: string, milliseconds: number, limit?: number): Row {
  return {
    label,
    core: `${milliseconds.toFixed(1)} ms`,
    ratios: { [LIMIT]: limit === undefined ? undefined : milliseconds / limit },
    limits: { [LIMIT]: 1 },
  };
}
