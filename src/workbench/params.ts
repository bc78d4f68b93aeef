/** The parameters of a call, as one types them. */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** What a text means, or why it means nothing. */
export type ParsedParams = { readonly value: unknown } | { readonly problem: string };

/**
 * Parameters from JSON with comments and trailing commas.
 *
 * @param text nothing but blanks is no parameters: `value` is undefined.
 */
export function parseParams(text: string): ParsedParams {
  if (text.trim() === '') return { value: undefined };
  const errors: ParseError[] = [];
  const value = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  const [first] = errors;
  if (!first) return { value };
  const words = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return { problem: `Not JSON at character ${first.offset + 1}: ${words}` };
}

/** Parameters as Transmission and qBittorrent take them. */
export function parseObjectParams(text: string): ParsedParams {
  const parsed = parseParams(text);
  if ('problem' in parsed || parsed.value === undefined) return parsed;
  const isObject = typeof parsed.value === 'object' && parsed.value !== null && !Array.isArray(parsed.value);
  return isObject ? parsed : { problem: 'The parameters must be an object, such as {"ids": [1]}' };
}
