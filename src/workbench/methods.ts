/** The methods that a daemon has: from itself where it can list them, else those known of its version. */
import type { ClientName, ClientOf } from '../rpc/index.ts';
import type { Method } from './method.ts';
import { qbittorrentMethods } from './qbittorrentMethods.ts';
import { transmissionMethods } from './transmissionMethods.ts';

/** Callable, but not listed by daemon.get_method_list (observed on 2.0.3, 2.2.0 and 2.2.1.dev0). */
const DELUGE_UNLISTED = ['daemon.info', 'daemon.login', 'daemon.set_event_interest'];

/** What a list of methods is made from. */
export interface MethodSource<Client> {
  /** The daemon's version, digits first; the newest known one is assumed where it is undefined. */
  version(): Promise<string | undefined>;
  /** Asks the daemon itself. */
  ask<T>(request: (rpc: Client, signal: AbortSignal) => Promise<T>): Promise<T>;
}

type List<Client> = (source: MethodSource<Client>) => Promise<readonly Method[]>;

const LISTS: { readonly [Name in ClientName]: List<ClientOf<Name>> } = {
  transmission: async ({ version }) => transmissionMethods(await version()),
  qbittorrent: async ({ version }) =>
    qbittorrentMethods(await version()).map(name => undocumented(name, '{}')),
  deluge: async ({ ask }) => {
    const list = await ask((rpc, signal) => rpc.call('daemon.get_method_list', [], {}, { signal }));
    return [...readNames(list), ...DELUGE_UNLISTED].map(name => undocumented(name, '[]'));
  },
  rtorrent: async ({ ask }) => {
    const list = await ask((rpc, signal) => rpc.call('system.listMethods', { signal }));
    return readNames(list).map(name => undocumented(name, rtorrentTemplate(name)));
  },
};

/**
 * The methods that a daemon has, by name. Deluge and rTorrent are asked; the others have no way to tell, and what is
 * known of their version stands in for it.
 *
 * @throws what the source throws.
 */
export async function listMethods<Name extends ClientName>(
  type: Name,
  source: MethodSource<ClientOf<Name>>,
): Promise<readonly Method[]> {
  const methods = await LISTS[type](source);
  return [...new Map(methods.map(method => [method.name, method])).values()].sort(byName);
}

function undocumented(name: string, template: string): Method {
  return { name, summary: '', template };
}

/** rTorrent 0.16 has 870 methods, and each may be redefined or added to by its owner. */
const MOST_NAMES = 10_000;
/** Characters; the longest of rTorrent's has 40. */
const LONGEST_NAME = 200;

/** Names from a daemon's list, as far as they can be some. */
function readNames(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  const isName = (item: unknown) => typeof item === 'string' && item !== '' && item.length <= LONGEST_NAME;
  return list.slice(0, MOST_NAMES).filter(isName);
}

/**
 * What comes first in the parameters of a command on a download, file, peer or tracker. Nothing in the place of a file
 * makes 0.9.8 abort (observed with f.path); what stands here is refused with an error until it is filled in.
 */
const RTORRENT_TARGETS: ReadonlyMap<string, string> = new Map([
  ['d', '["HASH"]'],
  ['f', '["HASH:f0"]'],
  ['p', '["HASH:pID"]'],
  ['t', '["HASH:t0"]'],
]);

/** Methods of the XML-RPC library's, which take no target, not even an empty one (observed on 0.9.8). */
const RTORRENT_WITHOUT_TARGET =
  /^system\.(listMethods|methodExist|methodHelp|methodSignature|multicall|shutdown|getCapabilities|capabilities)$/;

function rtorrentTemplate(name: string): string {
  if (name.startsWith('d.multicall')) return '["", "main", "d.hash=", "d.name="]';
  if (/^[fpt]\.multicall$/.test(name)) return '["HASH", ""]';
  const scope = name.split('.')[0] ?? '';
  return RTORRENT_TARGETS.get(scope) ?? (RTORRENT_WITHOUT_TARGET.test(name) ? '[]' : '[""]');
}

function byName(a: Method, b: Method): number {
  return a.name < b.name ? -1 : 1;
}
