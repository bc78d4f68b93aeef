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

/** The same as fields. */
export function toRecord(value: unknown): Fields {
  toMembers(value);
  return value as Fields;
}

/** A list where there may be none. */
export function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
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

/** A moment, in seconds since 1970. Daemons say by 0, a negative number or 2^32 - 1 that it never was. */
export function toTime(value: unknown): number | undefined {
  const seconds = toAmount(value);
  return seconds && seconds < 2 ** 32 - 1 ? seconds : undefined;
}

/** A list of texts; what is no text in it is passed over. */
export function toTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : undefined;
}

/** The hosts of announce URLs, without port, each once. What is no URL, or one without a host, has none. */
export function toHosts(urls: Iterable<unknown>): readonly string[] {
  const hosts = new Set<string>();
  for (const url of urls) {
    const text = toText(url);
    // Lower case in schemes too that URL does not know the hosts of, such as `udp:`.
    const host = URL.canParse(text) && new URL(text).hostname.toLowerCase();
    if (host) hosts.add(host);
  }
  return [...hosts];
}

/** The address of a peer, its host in brackets where that is IPv6. */
export function toAddress(host: unknown, port: unknown): string {
  const text = toText(host);
  return `${text.includes(':') ? `[${text}]` : text}:${toAmount(port) ?? ''}`;
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
