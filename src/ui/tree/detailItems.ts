/** How a torrent's files, trackers and peers look. */
import * as vscode from 'vscode';
import type { FilePriority, TrackerStatus } from '../../torrents/torrent.ts';
import { formatBytes, formatProgress, formatRate, toLabel } from '../../util/text.ts';
import { collapsibleState, dress, formatDate, formatFlag, STALE_COLOR, tooltip } from './itemParts.ts';
import type { DetailsKind, DetailsNode, FileNode, Node, PeerNode, TrackerNode } from './nodes.ts';
import {
  describeFile,
  describePeer,
  describeTracker,
  hostOf,
  maskAnnounceUrl,
  splitPath,
  spoken,
} from './words.ts';

const FOLDERS: { readonly [Kind in DetailsKind]: () => readonly [label: string, icon: string] } = {
  files: () => [vscode.l10n.t('Files'), 'files'],
  trackers: () => [vscode.l10n.t('Trackers'), 'broadcast'],
  peers: () => [vscode.l10n.t('Peers'), 'organization'],
};

/** What is filled when it is expanded. */
export function detailsItem(node: DetailsNode): vscode.TreeItem {
  const [label, symbol] = FOLDERS[node.kind]();
  const item = new vscode.TreeItem(label, collapsibleState(node));
  dress(item, node, [symbol]);
  item.contextValue = node.kind;
  return item;
}

const PRIORITY_ICONS: { readonly [Priority in FilePriority]: readonly [name: string, color?: string] } = {
  skip: ['circle-slash', STALE_COLOR],
  // Not `file`, which stands for the icon that the theme has for a kind of file.
  low: ['symbol-file'],
  normal: ['symbol-file'],
  high: ['symbol-file', 'charts.yellow'],
};

export function fileItem(node: FileNode): vscode.TreeItem {
  const { path, size, progress, priority } = node.file;
  const description = describeFile(node.file);
  const item = leaf(node, splitPath(path).name || path, description, PRIORITY_ICONS[priority]);
  item.contextValue = `file:${priority}`;
  item.tooltip = tooltip(path, [
    [vscode.l10n.t('Size'), formatBytes(size)],
    [vscode.l10n.t('Progress'), formatProgress(progress)],
    [vscode.l10n.t('Priority'), priority],
  ]);
  return item;
}

const TRACKER_ICONS: { readonly [Status in TrackerStatus]: readonly [name: string, color?: string] } = {
  waiting: ['clock'],
  updating: ['sync', 'charts.yellow'],
  working: ['pass', 'charts.green'],
  failed: ['error', 'errorForeground'],
  disabled: ['circle-slash', STALE_COLOR],
};

/** The announce URL holds a secret of the user's on private trackers: neither path nor query are shown. */
export function trackerItem(node: TrackerNode): vscode.TreeItem {
  const { tracker } = node;
  const description = describeTracker(tracker, Date.now());
  const item = leaf(node, hostOf(tracker.url), description, TRACKER_ICONS[tracker.status]);
  item.contextValue = `tracker:${tracker.status}`;
  item.tooltip = tooltip(maskAnnounceUrl(tracker.url), [
    [vscode.l10n.t('Status'), tracker.status],
    [vscode.l10n.t('Message'), tracker.message],
    [vscode.l10n.t('Tier'), tracker.tier?.toString()],
    [vscode.l10n.t('Seeds'), tracker.seeds?.toString()],
    [vscode.l10n.t('Other peers'), tracker.leechers?.toString()],
    [vscode.l10n.t('Next announce'), formatDate(tracker.nextAnnounceAt)],
  ]);
  return item;
}

export function peerItem(node: PeerNode): vscode.TreeItem {
  const { peer } = node;
  const rate = (value: number | undefined) => (value === undefined ? undefined : formatRate(value));
  const item = leaf(node, peer.address, describePeer(peer), ['account']);
  item.contextValue = 'peer';
  item.tooltip = tooltip(peer.address, [
    [vscode.l10n.t('Client'), peer.client],
    [vscode.l10n.t('Progress'), peer.progress === undefined ? undefined : formatProgress(peer.progress)],
    [vscode.l10n.t('Download rate'), rate(peer.downloadRate)],
    [vscode.l10n.t('Upload rate'), rate(peer.uploadRate)],
    [vscode.l10n.t('Encrypted'), formatFlag(peer.isEncrypted)],
  ]);
  return item;
}

function leaf(
  node: Node,
  label: string,
  description: string,
  face: readonly [name: string, color?: string],
): vscode.TreeItem {
  const item = new vscode.TreeItem(toLabel(label));
  item.description = description;
  dress(item, node, face);
  item.accessibilityInformation = { label: spoken(toLabel(label), description) };
  return item;
}
