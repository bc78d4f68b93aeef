/** Which torrents a command is about: those it was called with, or those that the user ticks. */
import * as vscode from 'vscode';
import { type Arrangement, arrange } from '../../../torrents/arrange.ts';
import type { ActionName, Torrent } from '../../../torrents/torrent.ts';
import { formatProgress, toPickLabel } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { CLIENT_TYPES } from '../../clientTypes.ts';
import { askMany, askPick, isValue } from '../../prompts.ts';
import { clientOf, type Node } from '../../tree/nodes.ts';
import { SELECTION, targetNodes } from '../targets.ts';

/** Some torrents of one client. */
export interface TorrentsOf {
  readonly client: ManagedClient;
  readonly torrents: readonly [Torrent, ...Torrent[]];
}

/** What a command is about, besides its torrents. */
export interface Wanted {
  /** The command's title. */
  readonly title: string;
  /** What the torrents' clients must be able to do; undefined is nothing in particular. */
  readonly action?: ActionName | undefined;
  /** Whether it is about one torrent at a time. */
  readonly isOne?: boolean;
}

/**
 * The torrents that a command is about, client by client: those of the nodes that it was called with, each once, else
 * those that the user chooses from a list of all. None where there are none or the user left.
 *
 * @throws Error where it was called with something else.
 */
export async function targetTorrents(
  app: App,
  args: readonly unknown[],
  wanted: Wanted,
): Promise<readonly TorrentsOf[]> {
  // From the menu of a row, which names the selection too, whose node VS Code has let go of as it draws the view anew.
  if (args.length > 1 && (args[0] === undefined || args[0] === null))
    throw new Error(vscode.l10n.t('{0}: the view has just changed, try again.', wanted.title));
  // Of several the one whose menu it was.
  const nodes = targetNodes(app, wanted.isOne ? args.slice(0, 1) : args, wanted.title);
  const isByKey = args[0] === SELECTION;
  // Who presses a key on a file does not mean its torrent.
  const called = nodes.filter(({ kind }) => !isByKey || kind === 'torrent').flatMap(torrentsIn);
  if (called.length > 0) {
    const targets = byClient(app, called);
    assertAnyOffers(targets, wanted);
    return targets;
  }
  if (isByKey) throw new Error(vscode.l10n.t('{0}: no torrent is selected.', wanted.title));
  const clients = new Set(nodes.flatMap(node => clientOf(node) ?? []));
  return askTorrents(app, clients.size > 0 ? [...clients] : app.clients.all, wanted);
}

/** Where only some can do it, these do later, and who cannot is told so then. */
function assertAnyOffers(targets: readonly TorrentsOf[], { title, action }: Wanted): void {
  const [first] = targets;
  if (!first || !action || targets.some(({ client }) => client.offers(action))) return;
  assertOffered(first.client, action, title);
}

/** @throws Error where a client cannot do it. */
export function assertOffered(client: ManagedClient, action: ActionName, title?: string): void {
  if (client.offers(action)) return;
  const { label } = CLIENT_TYPES[client.entry.type];
  const problem = vscode.l10n.t('{0} cannot do this', [label, client.version].filter(Boolean).join(' '));
  throw new Error(title === undefined ? problem : `${title}: ${problem}`);
}

interface OneTorrent {
  readonly client: ManagedClient;
  readonly infoHash: string;
}

/** The torrent that a node is or belongs to. */
function torrentsIn(node: Node): readonly OneTorrent[] {
  const client = clientOf(node);
  let at: Node = node;
  while (at.kind !== 'torrent' && 'parent' in at) at = at.parent;
  return client && at.kind === 'torrent' ? [{ client, infoHash: at.torrent.infoHash }] : [];
}

/**
 * As they are now, each once.
 *
 * @throws Error where all are gone.
 */
function byClient({ clients }: App, called: readonly OneTorrent[]): readonly TorrentsOf[] {
  const groups = new Map<ManagedClient, Map<string, Torrent>>();
  for (const { client, infoHash } of called) {
    // A client whose settings changed meanwhile is another.
    const current = clients.find(client.entry.name);
    const torrent = current?.torrents.store.get(infoHash);
    if (!current || !torrent) continue;
    const torrents = groups.get(current) ?? new Map<string, Torrent>();
    groups.set(current, torrents.set(infoHash, torrent));
  }
  const found = [...groups].flatMap(([client, torrents]) => group(client, [...torrents.values()]));
  if (found.length > 0) return found;
  throw new Error(vscode.l10n.t('The torrent is no longer there.'));
}

function group(client: ManagedClient, [first, ...others]: readonly Torrent[]): TorrentsOf[] {
  return first ? [{ client, torrents: [first, ...others] }] : [];
}

interface TorrentItem extends vscode.QuickPickItem, OneTorrent {}

async function askTorrents(
  app: App,
  clients: readonly ManagedClient[],
  { title, action, isOne }: Wanted,
): Promise<readonly TorrentsOf[]> {
  const connected = clients.filter(({ status }) => status === 'connected');
  const offering = connected.filter(client => action === undefined || client.offers(action));
  const items = offering.flatMap(client => itemsOf(client, offering.length > 1));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(whyNone(title, connected, offering));
    return [];
  }
  const selected = new Set(app.view.selection.flatMap(torrentsIn).map(keyOf));
  const isPicked = (item: TorrentItem) => selected.has(keyOf(item));
  // What is selected must not hide below thousands of others.
  const sorted = [...items.filter(isPicked), ...items.filter(item => !isPicked(item))];
  const chosen = isOne ? await askOne(title, sorted) : await askSeveral(title, sorted, isPicked);
  return chosen.length > 0 ? byClient(app, chosen) : [];
}

async function askOne(title: string, items: readonly TorrentItem[]): Promise<readonly OneTorrent[]> {
  const answer = await askPick({ title, placeholder: vscode.l10n.t('Choose a torrent'), items });
  return isValue(answer) ? [answer] : [];
}

async function askSeveral(
  title: string,
  items: readonly TorrentItem[],
  isPicked: (item: TorrentItem) => boolean,
): Promise<readonly OneTorrent[]> {
  const placeholder = vscode.l10n.t('Choose torrents');
  const answer = await askMany({ title, placeholder, items, isPicked, takesActive: true });
  return isValue(answer) ? answer : [];
}

const BY_NAME: Arrangement = {
  groupBy: 'none',
  filter: undefined,
  sort: { key: 'name', isDescending: false },
};

function itemsOf(client: ManagedClient, isOneOfSeveral: boolean): TorrentItem[] {
  return arrange(client.torrents.store.all(), BY_NAME).torrents.map(
    ({ infoHash, name, state, progress }) => ({
      label: toPickLabel(name),
      description: [
        state,
        formatProgress(progress),
        ...(isOneOfSeveral ? [toPickLabel(client.entry.name)] : []),
      ].join(' · '),
      client,
      infoHash,
    }),
  );
}

const keyOf = ({ client, infoHash }: OneTorrent) => `${infoHash} ${client.entry.name}`;

function whyNone(
  title: string,
  connected: readonly ManagedClient[],
  offering: readonly ManagedClient[],
): string {
  if (connected.length === 0) return vscode.l10n.t('{0}: no client is connected.', title);
  return offering.length === 0
    ? vscode.l10n.t('{0}: no connected client can do this.', title)
    : vscode.l10n.t('{0}: there are no torrents.', title);
}
