/** How torrents look. */
import * as vscode from 'vscode';
import type { Torrent, TorrentState } from '../../torrents/torrent.ts';
import { formatBytes, formatDuration, toLabel } from '../../util/text.ts';
import {
  collapsibleState,
  dress,
  formatDate,
  formatFlag,
  notOffered,
  type TooltipRow,
  tooltip,
} from './itemParts.ts';
import { clientOf, type TorrentNode } from './nodes.ts';
import { describeRates, describeTorrent, spoken } from './words.ts';

/** How each state looks. */
export const STATE_ICONS: { readonly [State in TorrentState]: readonly [name: string, color?: string] } = {
  downloading: ['arrow-circle-down', 'charts.blue'],
  metadata: ['cloud-download', 'charts.blue'],
  seeding: ['arrow-circle-up', 'charts.green'],
  stopped: ['debug-pause', 'descriptionForeground'],
  queued: ['clock', 'descriptionForeground'],
  checking: ['sync', 'charts.yellow'],
  moving: ['file-symlink-directory', 'charts.yellow'],
  error: ['error', 'errorForeground'],
};

/** A torrent's line, its icon by state. */
export function torrentItem(node: TorrentNode): vscode.TreeItem {
  const { torrent } = node;
  const name = toLabel(torrent.name || torrent.infoHash);
  const item = new vscode.TreeItem(name, collapsibleState(node));
  item.description = describeTorrent(torrent);
  dress(item, node, STATE_ICONS[torrent.state]);
  item.contextValue = `torrent:${torrent.state}${notOffered(clientOf(node))}`;
  item.tooltip = tooltip(torrent.name || torrent.infoHash, tooltipRows(torrent));
  // Who selects several does not want the first expanded by the same click; VS Code does that to items without a command.
  item.command = { command: 'noop', title: '' };
  item.accessibilityInformation = { label: spoken(name, item.description) };
  return item;
}

const bytes = (value: number | undefined) => (value === undefined ? undefined : formatBytes(value));
/** As many as fit into a tooltip, which is cut there anyway. */
const list = (values: readonly string[] | undefined) => values?.slice(0, 100).join(', ');

function tooltipRows(torrent: Torrent): readonly TooltipRow[] {
  const { t } = vscode.l10n;
  const { size, totalSize, ratio, eta, seeds, leechers, peers, isPrivate, queuePosition } = torrent;
  return [
    [t('State'), describeTorrent({ ...torrent, error: undefined })],
    [t('Error'), torrent.error],
    [t('Size'), bytes(size)],
    [t('Size with what is not wanted'), totalSize === size ? undefined : bytes(totalSize)],
    [t('Downloaded'), bytes(torrent.downloaded)],
    [t('Uploaded'), bytes(torrent.uploaded)],
    [t('Ratio'), ratio?.toFixed(2)],
    [t('Rates'), describeRates(torrent)],
    [t('Time left'), eta === undefined ? undefined : formatDuration(eta)],
    [t('Seeds connected'), seeds?.toString()],
    [t('Other peers connected'), leechers?.toString()],
    [t('Peers connected'), seeds === undefined ? peers?.toString() : undefined],
    [t('Added'), formatDate(torrent.addedAt)],
    [t('Completed'), formatDate(torrent.completedAt)],
    [t('Last active'), formatDate(torrent.activeAt)],
    [t('Private'), formatFlag(isPrivate)],
    [t('Place in the queue'), queuePosition === undefined ? undefined : String(queuePosition + 1)],
    [t('Info hash'), torrent.infoHash],
    [t('Info hash (v2)'), torrent.infoHashV2],
    [t('Folder'), torrent.savePath],
    [t('Labels'), list(torrent.labels)],
    [t('Tags'), list(torrent.tags)],
    [t('Trackers'), list(torrent.trackerHosts)],
  ];
}
