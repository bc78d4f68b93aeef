/** *Add Torrent*: what, to which client, how. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import type { ManagedClient } from '../../client.ts';
import { listNames, showClientError } from '../../messages.ts';
import { clientOf } from '../../tree/nodes.ts';
import { isConfirmed } from '../confirm.ts';
import { registerCommand, targetClient, targetNodes } from '../targets.ts';
import { askSources, withoutBad } from './ask.ts';
import { askOptions, type Choice } from './options.ts';
import { rememberedOptions, rememberOptions } from './remembered.ts';
import { addTorrents } from './send.ts';
import { namesOfSources, readFiles, readLinks, type Source, type Sources, together } from './sources.ts';

export function registerAddTorrent(app: App): void {
  registerCommand(app, COMMAND_IDS.addTorrent, async (...args: readonly unknown[]) => {
    const title = vscode.l10n.t('Add Torrent');
    const given = await givenSources(args);
    // Of several clients that are selected the one whose row it was.
    const client = given ? undefined : clientOf(targetNodes(app, args.slice(0, 1), title)[0]);
    const sources = given ?? (await askSources(title));
    if (sources) await addSources(app, sources, client);
  });
}

/** The files or links that the command was called with; undefined where it was with neither. */
async function givenSources([target, targets]: readonly unknown[]): Promise<Sources | undefined> {
  if (typeof target === 'string' && target.trim() !== '') return readLinks(target);
  // The explorer gives the file of its menu first, then all that are selected.
  const all: readonly unknown[] = [target, targets].find(Array.isArray) ?? [target];
  const uris = all.filter(each => each instanceof vscode.Uri);
  if (uris.length === 0 || uris.length < all.length) return undefined;
  return readUris(uris);
}

/** Reads files, and takes addresses as links. */
async function readUris(uris: readonly vscode.Uri[]): Promise<Sources> {
  const isLink = ({ scheme }: vscode.Uri) => /^(magnet|https?)$/.test(scheme);
  const links = uris.filter(isLink).map(uri => uri.toString(true));
  return together(await readFiles(uris.filter(uri => !isLink(uri))), readLinks(links.join('\n')));
}

/** Adds what is good of it, to a client that is asked for where it is not clear, as the user wants it. */
export async function addSources(app: App, sources: Sources, given?: ManagedClient): Promise<void> {
  const title = vscode.l10n.t('Add Torrent');
  const good = await withoutBad(title, sources);
  const client = good.length > 0 ? (given ?? (await targetClient(app, undefined, title))) : undefined;
  const choice = client && (await askChoice(app, client, good));
  // Its settings may have changed meanwhile.
  const current = client && app.clients.find(client.entry.name);
  if (!choice || !current || !(await isAllowed(app, title, current, good))) return;
  if (!(await addTorrents(app, current, good, choice))) return;
  const names = app.clients.all.map(({ entry }) => entry.name);
  await rememberOptions(app.context.globalState, current.entry.name, choice, names);
}

async function askChoice(
  { context }: App,
  client: ManagedClient,
  sources: readonly Source[],
): Promise<Choice | undefined> {
  const remembered = rememberedOptions(context.globalState, client.entry.name);
  try {
    return await askOptions(client, sources, remembered);
  } catch (error) {
    void showClientError(client, error as Error);
    return undefined;
  }
}

function isAllowed(
  app: App,
  title: string,
  client: ManagedClient,
  sources: readonly Source[],
): Promise<boolean> {
  return isConfirmed(app, {
    gravity: 'write',
    title,
    message: vscode.l10n.t('Add {0} to {1}?', namesOfSources(sources), toName(client.entry.name)),
    detail: listNames(sources.map(({ name }) => name)),
  });
}
