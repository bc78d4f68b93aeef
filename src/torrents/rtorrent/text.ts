/** Texts as rTorrent's XML carries them. */
import { toText } from '../fields.ts';

/** Bytes beyond ASCII, percent-encoded, some of them a character beyond U+FFFF in UTF-8. */
const MANGLED = /%F[0-4](?:%[89AB][0-9A-F]){3}/;
const BEYOND_ASCII = /(?:%[89A-F][0-9A-F])+/g;

/**
 * A text that others have chosen. Where it has a character beyond U+FFFF, which its XML has no room for, 0.16
 * percent-encodes all that is beyond ASCII; 0.9.8 puts a question mark for each byte, and nothing can be done.
 */
export function toWholeText(value: unknown): string {
  const text = toText(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (!MANGLED.test(text) || !/^[\x00-\x7F]*$/.test(text)) return text;
  return text.replace(BEYOND_ASCII, bytes => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}
