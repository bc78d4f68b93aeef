/** How groups look, the rest of long lists, and what stands where there is nothing to show. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import type { TorrentState } from '../../torrents/torrent.ts';
import { formatCount, toLabel } from '../../util/text.ts';
import { dress, icon, tooltip } from './itemParts.ts';
import { PAGE_SIZE } from './nodeList.ts';
import type { GroupNode, MoreNode, NoteNode } from './nodes.ts';
import { STATE_ICONS } from './torrentItems.ts';
import { STATE_NAMES, spoken } from './words.ts';

const FACES: {
  readonly [By in Exclude<GroupNode['by'], 'state'>]: { readonly icon: string; labelOfNone(): string };
} = {
  label: { icon: 'tag', labelOfNone: () => vscode.l10n.t('No Label') },
  tracker: { icon: 'broadcast', labelOfNone: () => vscode.l10n.t('No Tracker') },
  folder: { icon: 'folder', labelOfNone: () => vscode.l10n.t('Unknown Folder') },
};

/** The name and the icon of a group; that of a state has the icon of its torrents. */
function faceOf({ by, group }: GroupNode): readonly [name: string, icon: string, color?: string] {
  if (by !== 'state') return [group.label || FACES[by].labelOfNone(), FACES[by].icon];
  const state = group.key as TorrentState;
  return [STATE_NAMES[state], ...STATE_ICONS[state]];
}

/** A group with the count of its torrents. */
export function groupItem(node: GroupNode): vscode.TreeItem {
  const { group } = node;
  const [name, ...face] = faceOf(node);
  const label = toLabel(name);
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.description = String(group.torrents.length);
  dress(item, node, face);
  item.contextValue = 'group';
  const count = formatCount(group.torrents.length, 'torrent');
  item.tooltip = tooltip(name, [[vscode.l10n.t('Torrents'), item.description]]);
  item.accessibilityInformation = { label: spoken(label, count) };
  return item;
}

/** The rest of a long list, which a click shows more of. */
export function moreItem(node: MoreNode): vscode.TreeItem {
  const next = Math.min(PAGE_SIZE, node.left);
  const item = new vscode.TreeItem(vscode.l10n.t('Show {0} More ({1} left)', next, node.left));
  item.iconPath = icon('ellipsis');
  item.contextValue = 'more';
  item.command = {
    command: COMMAND_IDS.showMore,
    title: vscode.l10n.t('Show More'),
    arguments: [node],
  };
  return item;
}

export function noteItem(node: NoteNode): vscode.TreeItem {
  const { text, isProblem } = node;
  const item = new vscode.TreeItem(toLabel(text));
  dress(item, node, isProblem ? ['error', 'errorForeground'] : ['info']);
  item.contextValue = 'note';
  item.tooltip = tooltip(text, []);
  item.accessibilityInformation = {
    label: isProblem ? vscode.l10n.t('Error: {0}', toLabel(text)) : toLabel(text),
  };
  return item;
}
