/** What the items of the view are made of. */
import * as vscode from 'vscode';
import { ACTION_NAMES, type ActionName } from '../../torrents/torrent.ts';
import { toMarkdown } from '../../util/text.ts';
import type { ManagedClient } from '../client.ts';
import { clientOf, type Node } from './nodes.ts';

export function icon(name: string, color?: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/** The colour of what is out of use, or may be out of date. */
export const STALE_COLOR = 'disabledForeground';

/** Stands for whatever may be out of date: only what has an address can have the colour of its label decorated. */
const STALE_URI = vscode.Uri.from({ scheme: 'btrpc-stale', path: '/' });

/** Gives the labels of what may be out of date its colour. */
export const staleDecorations: vscode.FileDecorationProvider = {
  provideFileDecoration: ({ scheme }) =>
    scheme === STALE_URI.scheme ? { color: new vscode.ThemeColor(STALE_COLOR) } : undefined,
};

/** Whether what is shown of a node may be out of date: while its client connects for the first time, nothing is. */
function isStale(node: Node): boolean {
  return clientOf(node)?.status === 'failed';
}

/** Gives an item its icon; that, and the label, of what may be out of date is dimmed. */
export function dress(
  item: vscode.TreeItem,
  node: Node,
  [symbol, color]: readonly [name: string, color?: string],
): void {
  item.iconPath = icon(symbol, isStale(node) ? STALE_COLOR : color);
  if (isStale(node)) item.resourceUri = STALE_URI;
}

/** How an item is shown at first; what the user does with it later is VS Code's to remember. */
export function collapsibleState({
  isExpanded,
}: {
  readonly isExpanded: boolean;
}): vscode.TreeItemCollapsibleState {
  const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  return isExpanded ? Expanded : Collapsed;
}

/** A line of a tooltip: what it is about, and foreign text; undefined is not known. */
export type TooltipRow = readonly [name: string, value: string | undefined];

/** Characters of a tooltip, of its title and of each value. */
const TOOLTIP_LENGTH = 1000;
const TITLE_LENGTH = 300;
const VALUE_LENGTH = 200;

/**
 * Everything known of something, a line each. Given with its item: made when the pointer rests on it, all tooltips of the view
 * would begin with "Loading…" (observed on 1.139).
 */
export function tooltip(title: string, rows: readonly TooltipRow[]): vscode.MarkdownString {
  let left = TOOLTIP_LENGTH;
  const take = (text: string, most: number) => {
    const length = Math.min(most, left);
    left -= Math.min(text.length, length);
    return toMarkdown(text, length);
  };
  const head = `**${take(title, TITLE_LENGTH)}**`;
  const lines = rows.flatMap(([name, value]) =>
    value && left > 0 ? [`${name}: ${take(value, VALUE_LENGTH)}`] : [],
  );
  // Two blanks at the end of a line break it.
  return new vscode.MarkdownString([head, ...(lines.length > 0 ? [lines.join('  \n')] : [])].join('\n\n'));
}

/** What of these the client cannot do, for the `when` clauses of menus: ` -export -moveInQueue`. */
export function notOffered(
  client: ManagedClient | undefined,
  actions: readonly ActionName[] = ACTION_NAMES,
): string {
  return actions.flatMap(action => (client?.offers(action) ? [] : [` -${action}`])).join('');
}

/** In words; undefined is not known. */
export function formatFlag(flag: boolean | undefined): string | undefined {
  if (flag === undefined) return undefined;
  return flag ? vscode.l10n.t('yes') : vscode.l10n.t('no');
}

let dates: Intl.DateTimeFormat | undefined;

/** A moment as the user's language writes it. @param seconds since 1970. */
export function formatDate(seconds: number | undefined): string | undefined {
  dates ??= new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
  const date = new Date((seconds ?? Number.NaN) * 1000);
  // A daemon may say any number.
  return Number.isNaN(date.getTime()) ? undefined : dates.format(date);
}
