/** How the nodes of the *Clients* view look. Foreign text is escaped here, on its way to the screen. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { Torrent, TorrentState } from '../../torrents/torrent.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatProgress,
  formatRate,
  toLabel,
  toMarkdown,
} from '../../util/text.ts';
import type { ClientStatus, ManagedClient } from '../client.ts';
import { CLIENT_TYPES } from '../clientTypes.ts';
import { failureKind } from '../messages.ts';
import {
  type ClientNode,
  clientOf,
  type FailureNode,
  type InvalidNode,
  idOf,
  type Node,
  type TorrentNode,
} from './nodes.ts';

/** The item of a node. */
export function toTreeItem(node: Node): vscode.TreeItem {
  const item = makeItem(node);
  item.id = idOf(node);
  return item;
}

function makeItem(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'client':
      return clientItem(node);
    case 'invalid':
      return invalidItem(node);
    case 'failure':
      return failureItem(node);
    case 'torrent':
      return torrentItem(node);
    default:
      return new vscode.TreeItem(node.kind);
  }
}

const icon = (name: string, color?: string) =>
  new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));

/** As a screen reader says it. */
const spoken = (...parts: readonly string[]) => parts.join(', ').replaceAll(' · ', ', ');

const CLIENT_ICONS: { readonly [Status in ClientStatus]: () => vscode.ThemeIcon } = {
  disconnected: () => icon('debug-disconnect'),
  connecting: () => icon('loading~spin'),
  connected: () => icon('pass-filled', 'testing.iconPassed'),
  failed: () => icon('error', 'testing.iconFailed'),
};

function clientItem({ client }: ClientNode): vscode.TreeItem {
  const item = new vscode.TreeItem(toLabel(client.entry.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.description = describeClient(client);
  item.iconPath = CLIENT_ICONS[client.status]();
  item.contextValue = `client:${client.status}`;
  item.tooltip = clientTooltip(client);
  item.accessibilityInformation = {
    label: spoken(toLabel(client.entry.name), CLIENT_TYPES[client.entry.type].label, item.description),
  };
  return item;
}

function describeClient({ status, version, torrents }: ManagedClient): string {
  if (status !== 'connected' || version === undefined) return status;
  return `connected · ${toLabel(version)} · ${formatCount(torrents.store.size, 'torrent')}`;
}

function clientTooltip(client: ManagedClient): vscode.MarkdownString {
  const { entry, status, version, error } = client;
  const { label } = CLIENT_TYPES[entry.type];
  const rows: [string, string | undefined][] = [
    [vscode.l10n.t('Address'), entry.url],
    [vscode.l10n.t('Status'), status],
    [vscode.l10n.t('Version'), version && `${label} ${version}`],
    [vscode.l10n.t('Route'), describeRoute(client)],
    [vscode.l10n.t('Encryption'), describeEncryption(client)],
    [vscode.l10n.t('Last error'), error?.message],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${toMarkdown(value)}`],
  );
  return new vscode.MarkdownString([`**${toMarkdown(entry.name)}**`, ...lines].join('\n\n'));
}

function describeEncryption({ entry: { type, url, tls }, certificate }: ManagedClient): string {
  if (type !== 'deluge' && !url.startsWith('https:')) return vscode.l10n.t('none');
  const any = vscode.l10n.t('any certificate');
  const check =
    (tls?.fingerprint256 && vscode.l10n.t('pinned certificate')) ||
    (tls?.insecure && any) ||
    (tls?.caFile && vscode.l10n.t('authorities in {0}', tls.caFile)) ||
    (type === 'deluge' && tls === undefined ? any : vscode.l10n.t("the system's authorities"));
  return `TLS, ${check}${certificate ? `, SHA-256 ${certificate.fingerprint256}` : ''}`;
}

/** The proxy, and where connections start: the extension runs where the workspace is. */
function describeRoute({ entry: { proxyUrl } }: ManagedClient): string {
  const { remoteName } = vscode.env;
  const from =
    remoteName === undefined
      ? vscode.l10n.t('this computer')
      : vscode.l10n.t('the remote machine ({0})', remoteName);
  return proxyUrl === undefined
    ? vscode.l10n.t('direct, from {0}', from)
    : vscode.l10n.t('through {0}, from {1}', proxyUrl, from);
}

function invalidItem({ entry }: InvalidNode): vscode.TreeItem {
  const item = new vscode.TreeItem(toLabel(entry.name));
  item.description = `invalid · ${toLabel(entry.problem)}`;
  item.iconPath = icon('warning', 'list.warningForeground');
  item.contextValue = 'client:invalid';
  item.tooltip = new vscode.MarkdownString(
    `${toMarkdown(entry.problem)}\n\n${vscode.l10n.t('Click to open settings.json.')}`,
  );
  item.command = { command: COMMAND_IDS.openSettings, title: vscode.l10n.t('Open Settings') };
  item.accessibilityInformation = { label: spoken(toLabel(entry.name), item.description) };
  return item;
}

function failureItem({ parent: { client } }: FailureNode): vscode.TreeItem {
  const message = client.error?.message ?? vscode.l10n.t('Failed');
  const item = new vscode.TreeItem(toLabel(message));
  item.iconPath = icon('error', 'list.errorForeground');
  item.contextValue = `failure:${failureKind(client.error)}`;
  item.tooltip = new vscode.MarkdownString(toMarkdown(message));
  item.accessibilityInformation = { label: vscode.l10n.t('Error: {0}', toLabel(message)) };
  return item;
}

const STATE_ICONS: { readonly [State in TorrentState]: readonly [name: string, color?: string] } = {
  downloading: ['arrow-circle-down', 'charts.blue'],
  metadata: ['cloud-download', 'charts.blue'],
  seeding: ['arrow-circle-up', 'charts.green'],
  stopped: ['debug-pause'],
  queued: ['clock'],
  checking: ['sync', 'charts.yellow'],
  moving: ['file-symlink-directory', 'charts.yellow'],
  error: ['error', 'list.errorForeground'],
};

function torrentItem(node: TorrentNode): vscode.TreeItem {
  const { torrent } = node;
  const isStale = clientOf(node)?.status !== 'connected';
  const [name, color] = STATE_ICONS[torrent.state];
  const item = new vscode.TreeItem(toLabel(torrent.name));
  item.description = describeTorrent(torrent);
  item.iconPath = icon(name, isStale ? 'disabledForeground' : color);
  item.contextValue = `torrent:${torrent.state}`;
  item.tooltip = torrentTooltip(torrent);
  item.accessibilityInformation = { label: spoken(toLabel(torrent.name), item.description) };
  return item;
}

/** What counts depends on the state: on the way down the rest, once complete what was given. */
export function describeTorrent(torrent: Torrent): string {
  const { state, progress, downloadRate, uploadRate, eta, ratio, error } = torrent;
  const parts: (string | undefined)[] = [state];
  if (state === 'seeding') {
    parts.push(
      ratio === undefined ? undefined : `ratio ${ratio.toFixed(2)}`,
      uploadRate ? `↑ ${formatRate(uploadRate)}` : undefined,
    );
  } else {
    parts.push(formatProgress(progress), downloadRate ? `↓ ${formatRate(downloadRate)}` : undefined);
    if (state === 'downloading' && eta !== undefined) parts.push(formatDuration(eta));
    if (error) parts.push(toLabel(error));
  }
  return parts.filter(part => part !== undefined).join(' · ');
}

function torrentTooltip(torrent: Torrent): vscode.MarkdownString {
  const lines = [
    `**${toMarkdown(torrent.name)}**`,
    toMarkdown(describeTorrent(torrent)),
    torrent.size === undefined ? undefined : `Size: ${toMarkdown(formatBytes(torrent.size))}`,
    `Info hash: ${torrent.infoHash}`,
    torrent.error && toMarkdown(torrent.error),
  ];
  return new vscode.MarkdownString(lines.filter(Boolean).join('\n\n'));
}
