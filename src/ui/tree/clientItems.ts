/** How clients look, those that failed and those that cannot be used. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { formatBytes, formatCount, toLabel, toMarkdown } from '../../util/text.ts';
import type { ManagedClient } from '../client.ts';
import { CLIENT_TYPES } from '../clientTypes.ts';
import { failureKind } from '../messages.ts';
import type { ClientStatus } from '../statusLog.ts';
import { icon, notOffered, tooltip } from './itemParts.ts';
import type { ClientNode, FailureNode, InvalidNode } from './nodes.ts';
import { describeFigures, describeRates, join, spoken } from './words.ts';

const CLIENT_ICONS: { readonly [Status in ClientStatus]: () => vscode.ThemeIcon } = {
  disconnected: () => icon('debug-disconnect'),
  connecting: () => icon('loading~spin'),
  connected: () => icon('pass-filled', 'testing.iconPassed'),
  failed: () => icon('error', 'testing.iconFailed'),
};

/** A client's line, its icon by status. */
export function clientItem({ client }: ClientNode): vscode.TreeItem {
  const { entry, status } = client;
  const item = new vscode.TreeItem(toLabel(entry.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.description = join(describeClient(client), figuresOf(client));
  item.iconPath = CLIENT_ICONS[status]();
  item.contextValue = contextOf(client);
  item.tooltip = clientTooltip(client);
  item.accessibilityInformation = {
    label: spoken(item.label as string, CLIENT_TYPES[entry.type].label, item.description),
  };
  return item;
}

/** What a client's line and its children show of it, but for the figures: another text, another look. */
export function lookOf(client: ManagedClient): string {
  const { certificate, error } = client;
  const parts = [describeClient(client), contextOf(client), notOffered(client)];
  return JSON.stringify([...parts, error?.message, failureKind(error), certificate?.fingerprint256]);
}

/** What changes all the time in a client's line. */
export function figuresOf({ status, torrents: { store } }: ManagedClient): string {
  return status === 'connected' && store.facts ? describeFigures(store.facts) : '';
}

function describeClient({ status, version, torrents: { store } }: ManagedClient): string {
  if (status !== 'connected' || version === undefined) return status;
  return join(status, toLabel(version), formatCount(store.size, 'torrent'));
}

function contextOf(client: ManagedClient): string {
  const isSlow = client.torrents.store.facts?.isSlow ?? false;
  return `client:${client.status}${notOffered(client, ['setSlowMode'])}${isSlow ? ' isSlow' : ''}`;
}

function clientTooltip(client: ManagedClient): vscode.MarkdownString {
  const { entry, status, version, error, torrents } = client;
  const { facts, size } = torrents.store;
  const { t } = vscode.l10n;
  return tooltip(entry.name, [
    [t('Address'), entry.url],
    [t('Status'), status],
    [t('Version'), version && `${CLIENT_TYPES[entry.type].label} ${version}`],
    [t('Torrents'), facts && formatCount(size, 'torrent')],
    [t('Rates'), facts && describeRates(facts)],
    [t('Free space'), facts?.freeSpace === undefined ? undefined : formatBytes(facts.freeSpace)],
    [t('Slow mode'), facts?.isSlow === undefined ? undefined : facts.isSlow ? t('on') : t('off')],
    [t('Route'), describeRoute(client)],
    [t('Encryption'), describeEncryption(client)],
    [t('Last error'), error?.message],
  ]);
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

/** An entry of the setting that cannot be used; a click opens the settings. */
export function invalidItem({ entry }: InvalidNode): vscode.TreeItem {
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

/** Why a client failed. */
export function failureItem({ parent: { client } }: FailureNode): vscode.TreeItem {
  const message = client.error?.message ?? vscode.l10n.t('Failed');
  const item = new vscode.TreeItem(toLabel(message));
  item.iconPath = icon('error', 'errorForeground');
  item.contextValue = `failure:${failureKind(client.error)}`;
  item.tooltip = new vscode.MarkdownString(toMarkdown(message));
  item.accessibilityInformation = { label: vscode.l10n.t('Error: {0}', toLabel(message)) };
  return item;
}
