/** *Set Torrent Label*: labels, qBittorrent's category or its tags, whichever a client has. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { adapterOf } from '../../../torrents/adapters.ts';
import type { Torrent } from '../../../torrents/torrent.ts';
import { toPickLabel } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { withCancel } from '../../messages.ts';
import { type Answer, askMany, askPick, isValue } from '../../prompts.ts';
import { registerCommand } from '../targets.ts';
import { namesOf } from './questions.ts';
import { changeTorrents, type TorrentAction } from './run.ts';
import { type TorrentsOf, targetTorrents } from './targets.ts';

/** What can be set of a torrent. */
type LabelKind = 'labels' | 'tags';

export function registerSetTorrentLabel(app: App): void {
  registerCommand(app, COMMAND_IDS.setTorrentLabel, async (...args) => {
    const title = vscode.l10n.t('Set Torrent Label');
    const targets = await targetTorrents(app, args, { title, action: 'setLabels' });
    const kind = targets.length > 0 && (await askKind(title, targets));
    const chosen = kind && (await askLabels(title, kind, targets));
    if (chosen) await changeTorrents(app, settingOf(title, kind, chosen), targets);
  });
}

function settingOf(title: string, kind: LabelKind, chosen: readonly string[]): TorrentAction {
  return {
    title,
    action: kind === 'labels' ? 'setLabels' : 'setTags',
    expected: () => ({ [kind]: chosen }),
    work: async ({ actions, rpc, infoHashes, signal }) =>
      kind === 'labels'
        ? actions.setLabels(rpc, infoHashes, chosen, signal)
        : actions.setTags?.(rpc, infoHashes, chosen, signal),
  };
}

/** Asked for only where a client has both. */
async function askKind(title: string, targets: readonly TorrentsOf[]): Promise<LabelKind | undefined> {
  if (!targets.some(({ client }) => client.offers('setTags'))) return 'labels';
  const hasCategories = targets.every(({ client }) => client.entry.type === 'qbittorrent');
  const items: readonly (vscode.QuickPickItem & { readonly field: LabelKind })[] = [
    {
      label: hasCategories ? vscode.l10n.t('Category') : vscode.l10n.t('Label or Category'),
      field: 'labels',
    },
    { label: vscode.l10n.t('Tags'), field: 'tags' },
  ];
  const answer = await askPick({ title, placeholder: vscode.l10n.t('Choose what to set'), items });
  return isValue(answer) ? answer.field : undefined;
}

/** The labels chosen; undefined where the user left. */
async function askLabels(
  title: string,
  kind: LabelKind,
  targets: readonly TorrentsOf[],
): Promise<readonly string[] | undefined> {
  const torrents = targets.flatMap(target => target.torrents);
  const clients = targets.map(({ client }) => client);
  const known = await withCancel(vscode.l10n.t('{0}…', title), signal => knownLabels(kind, clients, signal));
  const choice: LabelChoice = {
    title,
    placeholder: vscode.l10n.t('Choose for {0}, or type what is new', namesOf(torrents)),
    known,
    common: commonLabels(kind, torrents),
  };
  const answer = await (hasOnlyOne(kind, clients) ? askOneLabel(choice) : askSeveralLabels(choice));
  return isValue(answer) ? answer : undefined;
}

/** What a choice of labels is made from. */
export interface LabelChoice {
  readonly title: string;
  readonly placeholder: string;
  readonly known: readonly string[];
  /** What is set now. */
  readonly common: readonly string[];
  readonly step?: number;
  readonly totalSteps?: number;
}

interface LabelItem extends vscode.QuickPickItem {
  readonly chosen: readonly string[];
}

const toItem = (name: string): LabelItem => ({ label: toPickLabel(name), chosen: [name] });

/** A row for what is typed and no label yet. */
function newItem(text: string, items: readonly LabelItem[]): LabelItem | undefined {
  const name = text.trim();
  if (name === '' || items.some(({ chosen }) => chosen.includes(name))) return undefined;
  return { label: vscode.l10n.t('Create “{0}”', toPickLabel(name)), chosen: [name], alwaysShow: true };
}

/** Asks for one label, or none. */
export async function askOneLabel({
  known,
  common,
  ...step
}: LabelChoice): Promise<Answer<readonly string[]>> {
  const none: LabelItem = { label: vscode.l10n.t('None'), chosen: [] };
  const answer = await askPick({
    ...step,
    items: [none, ...known.map(toItem)],
    isActive: ({ chosen }) => chosen[0] === common[0],
    itemFor: (text, items) => items.find(({ chosen }) => chosen[0] === text.trim()) ?? newItem(text, items),
  });
  return isValue(answer) ? answer.chosen : answer;
}

/** Asks for any number of labels. */
export async function askSeveralLabels({
  known,
  common,
  ...step
}: LabelChoice): Promise<Answer<readonly string[]>> {
  const answer = await askMany({
    ...step,
    items: known.map(toItem),
    isPicked: ({ chosen: [name] }) => name !== undefined && common.includes(name),
    itemFor: newItem,
  });
  return isValue(answer) ? answer.flatMap(({ chosen }) => chosen) : answer;
}

/** Whether a torrent of one of these clients has one label at most. */
export function hasOnlyOne(kind: LabelKind, clients: readonly ManagedClient[]): boolean {
  return kind === 'labels' && clients.some(({ entry }) => adapterOf(entry.type).actions.labelling.most === 1);
}

/** What the daemons know and what torrents have, in order, each once. */
export async function knownLabels(
  kind: LabelKind,
  clients: readonly ManagedClient[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const used = clients.flatMap(({ torrents }) => [...torrents.store.all()].flatMap(each => each[kind] ?? []));
  const known = kind === 'labels' ? await Promise.all(clients.map(client => askKnown(client, signal))) : [];
  return [...new Set([...used, ...known.flat()])].sort((a, b) => a.localeCompare(b));
}

/** None of a client that cannot be asked: who sets a label hears why. */
async function askKnown(client: ManagedClient, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await client.look(signal, ({ actions }, rpc) => actions.labelling.known(rpc, signal));
  } catch {
    signal.throwIfAborted();
    return [];
  }
}

/** Those that each has. */
function commonLabels(kind: LabelKind, [first, ...others]: readonly Torrent[]): readonly string[] {
  return (first?.[kind] ?? []).filter(label => others.every(torrent => torrent[kind]?.includes(label)));
}
