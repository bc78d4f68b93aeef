/** What the parts of a URL may be under the rules of its class, and where missing ones come from. */
import { ValueError } from './errors.ts';
import {
  checkHost,
  checkPath,
  checkPort,
  checkText,
  PART_NAMES,
  type Parts,
  type URLPart,
  type URLParts,
} from './urlText.ts';

/** What URLs of one class may hold. */
export interface URLRules {
  /** What a message about the class begins with: `Deluge` in `Deluge URLs don't have a path`. */
  readonly label: string;
  /** The schemes there are; undefined: any. */
  readonly schemes?: readonly string[];
  /** Parts that no URL of the class has. */
  readonly never?: readonly URLPart[];
  /** Parts that URLs of one scheme don't have. */
  readonly neverWith?: { readonly [scheme: string]: readonly URLPart[] };
  /** Parts without which there is no URL: they have no default and cannot be cleared. */
  readonly required?: readonly ('scheme' | 'host')[];
  /** What a missing path means where the default has none that fits. */
  readonly paths?: { readonly [scheme: string]: string };
  /** The scheme that a text with a leading slash has. */
  readonly slashScheme?: string;
  /** A path of nothing but a slash is no path. */
  readonly ignoresBareSlash?: boolean;
}

/** Ports that a scheme has by convention, whatever the client. */
const OWN_PORTS: ReadonlyMap<unknown, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['socks4', 1080],
  ['socks4a', 1080],
  ['socks5', 1080],
  ['socks5h', 1080],
]);

/** Without the host, port and path that another scheme cannot have; the old one's own port becomes the new one's. */
export function shed<P extends URLParts>(rules: URLRules, parts: P, old: unknown, scheme: string): P {
  if (old === scheme) return parts;
  const isOwn = OWN_PORTS.get(old) === Number(parts.port ?? Number.NaN);
  return {
    ...parts,
    host: canHave(rules, scheme, 'host') ? parts.host : undefined,
    port: canHave(rules, scheme, 'port') ? (isOwn ? OWN_PORTS.get(scheme) : parts.port) : undefined,
    path: canHave(rules, scheme, 'path') ? parts.path : undefined,
  };
}

/** The parts of a live URL under another scheme: what only the new one has, and ports of its own, fill in. */
export function changeScheme(
  rules: URLRules,
  parts: Parts,
  to: string,
  fallback: Parts,
  home: Parts,
): URLParts {
  const scheme = checkScheme(rules, to);
  const old = parts.scheme;
  const kept = { ...shed(rules, parts, old, scheme), scheme };
  // What was cleared stays so: only what the old scheme could not have is missing.
  if (old === undefined || old === scheme) return kept;
  const full = complete(rules, kept, fallback, home);
  const isNew = (part: URLPart) => !canHave(rules, old, part);
  const hadOwnPort = parts.port !== undefined && parts.port === OWN_PORTS.get(old);
  return {
    ...kept,
    host: isNew('host') ? full.host : kept.host,
    port: hadOwnPort || isNew('port') ? full.port : kept.port,
    path: isNew('path') ? full.path : kept.path,
  };
}

/** The given parts, checked, with what is missing from the default (`fallback`) and the class's own (`home`). */
export function complete(rules: URLRules, given: URLParts, fallback: Parts, home: Parts): Parts {
  const fits = PART_NAMES.every(part => !given[part] || canHave(rules, fallback.scheme, part));
  const checked = check(rules, given, given.scheme ?? (fits ? fallback : home).scheme);
  const { scheme } = checked;
  const can = (part: URLPart) => canHave(rules, scheme, part);
  const isSocket = (of: string | undefined) => !canHave(rules, of, 'host');
  const ownPort = scheme === fallback.scheme ? fallback.port : (OWN_PORTS.get(scheme) ?? home.port);
  const path = isSocket(scheme) === isSocket(fallback.scheme) ? fallback.path : undefined;
  return {
    scheme,
    host: checked.host ?? (can('host') ? (fallback.host ?? home.host) : undefined),
    port: checked.port ?? (can('port') ? ownPort : undefined),
    username: checked.username ?? (can('username') ? fallback.username : undefined),
    password: checked.password ?? (can('password') ? fallback.password : undefined),
    path: checked.path ?? (can('path') ? (path ?? rules.paths?.[scheme ?? '']) : undefined),
  };
}

/** Checks each part that is there: whether URLs of this scheme have it, then its value. */
export function check(rules: URLRules, parts: URLParts, scheme: unknown): Parts {
  const checked = scheme === undefined ? undefined : checkScheme(rules, scheme);
  const one = <T>(part: URLPart, checkValue: (value: unknown) => T): T | undefined => {
    const value = parts[part];
    if (!value || (part === 'path' && value === '/' && rules.ignoresBareSlash)) return undefined;
    if (canHave(rules, checked, part)) return checkValue(value);
    const owner = rules.never?.includes(part) ? rules.label : checked;
    throw new ValueError(`${owner} URLs don't have a ${part}`);
  };
  return {
    scheme: checked,
    host: one('host', checkHost),
    port: one('port', checkPort),
    username: one('username', value => checkText('username', value)),
    password: one('password', value => checkText('password', value)),
    path: one('path', checkPath),
  };
}

/** @returns the scheme in lower case. */
export function checkScheme(rules: URLRules, value: unknown): string {
  if (rules.never?.includes('scheme')) throw new ValueError(`${rules.label} URLs don't have a scheme`);
  const scheme = typeof value === 'string' ? value.toLowerCase() : '';
  if (rules.schemes ? rules.schemes.includes(scheme) : /^[a-z][a-z\d+.-]*$/.test(scheme)) return scheme;
  throw new ValueError(schemeMessage(rules));
}

function schemeMessage({ schemes }: URLRules): string {
  const quoted = schemes?.map(scheme => `"${scheme}"`);
  const last = quoted?.pop();
  return quoted ? `Scheme must be ${quoted.join(', ')} or ${last}` : 'Invalid scheme';
}

/** @throws ValueError where a part is missing that has no default. */
export function checkRequired(rules: URLRules, parts: Parts): void {
  const missing = rules.required?.find(part => parts[part] === undefined);
  if (missing) throw new ValueError(missing === 'scheme' ? schemeMessage(rules) : `Invalid ${missing}`);
}

/** Whether URLs of a scheme have a part; without a scheme, only what the class never has is ruled out. */
function canHave(rules: URLRules, scheme: string | undefined, part: URLPart): boolean {
  if (rules.never?.includes(part)) return false;
  return scheme === undefined || !rules.neverWith?.[scheme]?.includes(part);
}

/** Whether all parts are the same. */
export function isSame(a: Parts, b: Parts): boolean {
  return PART_NAMES.every(part => a[part] === b[part]);
}
