/** What a call returned, as the text of a document. */

/** The members of JSON's own `stringify` that its types do not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Exactly the value as valid JSON: `undefined` as `null`, bytes as `{"$bytes": base64}`, big integers with every
 * digit, `NaN` and infinities as `{"$number": "inf"}`.
 */
export function toResultText(value: unknown): string {
  return JSON.stringify(value, replace, 2) ?? 'null';
}

function replace(this: Record<string, unknown>, key: string, shown: unknown): unknown {
  // Not `shown`: a Buffer's toJSON() has already been called on that.
  const value = this[key];
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value === undefined) return null;
  if (typeof value === 'bigint') return rawJSON(String(value));
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: nameOf(value) };
  return shown;
}

function nameOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}

/** An error as the document that stands in its place. */
export function toErrorText({ name, message, info }: Error & { info?: unknown }): string {
  return toResultText({ error: { name, message, ...(info === undefined ? {} : { info }) } });
}
