/** Deluge's messages as who watches the wire sees them. */
import type { SessionContext } from '../base.ts';
import { HEAD_SIZE, type Packet, VERSION } from '../codec/deluge.ts';
import { beginningOf, type Layer } from '../exchange.ts';

/** Bytes at the end of a beginning where a secret may be cut. */
const LONGEST_SECRET = 4096;

/**
 * The coats of a message, made when asked for. Where a secret is inside (or may be, where it is too long to look at all
 * of it), there are no compressed bytes: it could be read in them.
 */
export function packetLayers(
  { size, body, rencode }: Packet,
  context: Pick<SessionContext, 'masker'>,
): () => Layer[] {
  const length = size - HEAD_SIZE;
  const zlib = beginningOf(body);
  const kept = rencode && beginningOf(rencode);
  const innerSize = rencode?.length;
  return () => {
    const outer: Layer = { kind: 'deluge', head: `version ${VERSION}, length ${length}`, size };
    if (!kept || innerSize === undefined) return [outer, { kind: 'zlib', size: length }];
    const text = Buffer.from(kept).toString();
    const isClean = context.masker().excerpt(text) === text;
    const isWhole = kept.length === innerSize;
    const shown = isWhole ? kept : kept.subarray(0, -LONGEST_SECRET);
    return [
      outer,
      { kind: 'zlib', ...(isClean && isWhole ? { bytes: zlib } : {}), size: length },
      { kind: 'rencode', ...(isClean ? { bytes: shown } : {}), size: innerSize },
    ];
  };
}
