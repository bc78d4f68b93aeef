/** Reading what daemons answer, without trust in its types. */
import type { TorrentState } from './torrent.ts';

/** One torrent as its daemon tells it. */
export type Fields = Readonly<Record<string, unknown>>;

/** The items of a list. An answer that is none is no empty list: the torrents are not gone. */
export function toItems(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('Unexpected response: no list of torrents');
  return value;
}

/** The members of a dictionary, likewise. */
export function toMembers(value: unknown): readonly [key: string, value: unknown][] {
  if (typeof value !== 'object' || value === null)
    throw new Error('Unexpected response: no torrents by info-hash');
  return Object.entries(value);
}

/** A row and its columns, as fields. */
export function toFields(columns: readonly unknown[], row: unknown): Fields {
  const values = toItems(row);
  return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
}

/** The version in a text that may have a `v` before or a commit after it, as in `v4.5.2` and `3.00 (bb6b5a062e)`. */
export function toVersion(text: unknown): string {
  return /\d\S*/.exec(String(text))?.[0] ?? '';
}

export function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number of bytes or seconds, or a ratio. Daemons say by a negative number that it is unknown or infinite. */
export function toAmount(value: unknown): number | undefined {
  const number = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** A share as 0 to 1; 0 where there is no whole yet. */
export function toProgress(part: unknown, whole: unknown): number {
  const share = Number(part) / Number(whole);
  return Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) : 0;
}

/** The state that a daemon's own word stands for; a word that nobody knows yet is taken for `stopped`. */
export function toKnownState(states: Readonly<Record<string, TorrentState>>, word: unknown): TorrentState {
  const key = String(word);
  return (Object.hasOwn(states, key) && states[key]) || 'stopped';
}

/** Seconds since 1970; 0 and below is never. */
export function toTime(value: unknown): number | undefined {
  return toAmount(value) || undefined;
}

/** The hosts of announce URLs, without port, each once. What is no URL, or one without a host, has none. */
export function toHosts(urls: readonly unknown[]): readonly string[] {
  const hosts = urls.flatMap(url => {
    const text = toText(url);
    // Lower case in schemes too that URL does not know the hosts of, such as `udp:`.
    return (URL.canParse(text) && new URL(text).hostname.toLowerCase()) || [];
  });
  return [...new Set(hosts)];
}
