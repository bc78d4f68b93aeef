/** *Filter Torrents*, *Clear Filter*, *Sort Torrents* and *Group Torrents*. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { GROUPINGS, type Grouping, SORT_KEYS, type SortKey } from '../../torrents/arrange.ts';
import { formatFilter, parseFilter } from '../../torrents/filter.ts';
import type { App } from '../app.ts';
import { askPick, askText, isValue } from '../prompts.ts';
import type { ViewArrangement } from '../tree/viewArrangement.ts';
import { registerCommand } from './targets.ts';

export function registerArrangingCommands(app: App, arrangement: ViewArrangement): void {
  let lastFilter = '';
  registerCommand(app, COMMAND_IDS.filterTorrents, async () => {
    const { filter } = arrangement.current;
    const text = await askFilter(filter ? formatFilter(filter) : lastFilter);
    if (text === undefined) return;
    const wanted = parseFilter(text);
    if (wanted.terms.length > 0) lastFilter = text;
    arrangement.filter = wanted.terms.length > 0 ? wanted : undefined;
  });
  registerCommand(app, COMMAND_IDS.clearFilter, () => {
    arrangement.filter = undefined;
  });
  registerCommand(app, COMMAND_IDS.sortTorrents, () => sortTorrents(arrangement));
  registerCommand(app, COMMAND_IDS.groupTorrents, () => groupTorrents(app, arrangement));
}

async function askFilter(value: string): Promise<string | undefined> {
  const answer = await askText({
    title: vscode.l10n.t('Filter Torrents'),
    prompt: vscode.l10n.t('Words of the name, and conditions that add up; empty shows all'),
    placeholder: 'ubuntu state:seeding label:linux ratio<1 size>10GB',
    value,
    validate: text => {
      try {
        parseFilter(text);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
  });
  return isValue(answer) ? answer : undefined;
}

/** How torrents can be sorted, and whether most people want the greatest first. */
const SORTS: { readonly [Key in SortKey]: readonly [label: string, isDescending: boolean] } = {
  name: ['Name', false],
  state: ['State', false],
  progress: ['Progress', true],
  downloadRate: ['Download Rate', true],
  uploadRate: ['Upload Rate', true],
  ratio: ['Ratio', true],
  size: ['Size', true],
  added: ['Added', true],
  activity: ['Activity', true],
  queue: ['Queue', false],
};

async function sortTorrents(arrangement: ViewArrangement): Promise<void> {
  const { sort } = arrangement.current;
  const answer = await askPick({
    title: vscode.l10n.t('Sort Torrents'),
    placeholder: vscode.l10n.t('Sort by; choose the same again to turn it around'),
    items: SORT_KEYS.map(key => {
      const [label, usual] = SORTS[key];
      const isCurrent = key === sort.key;
      const direction = sort.isDescending ? vscode.l10n.t('descending') : vscode.l10n.t('ascending');
      return {
        label: vscode.l10n.t(label),
        description: isCurrent ? direction : '',
        sort: { key, isDescending: isCurrent ? !sort.isDescending : usual },
      };
    }),
    isActive: item => item.sort.key === sort.key,
  });
  if (isValue(answer)) arrangement.sort = answer.sort;
}

const GROUPS: { readonly [By in Grouping]: string } = {
  none: 'No Groups',
  state: 'State',
  label: 'Label',
  tracker: 'Tracker',
  folder: 'Folder',
};

async function groupTorrents({ settings }: App, arrangement: ViewArrangement): Promise<void> {
  const { groupBy } = arrangement.current;
  const answer = await askPick({
    title: vscode.l10n.t('Group Torrents'),
    placeholder: vscode.l10n.t('Group the torrents of each client by'),
    items: GROUPINGS.map(by => ({
      label: vscode.l10n.t(GROUPS[by]),
      description: by === groupBy ? vscode.l10n.t('current') : '',
      by,
    })),
    isActive: ({ by }) => by === groupBy,
  });
  if (isValue(answer)) await settings.setGroupBy(answer.by);
}
