/** Files and links that are dropped on a client of the *Clients* view. */
import * as vscode from 'vscode';
import { toMessage } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { clientOf, type Node } from '../../tree/nodes.ts';
import { addSources } from './addTorrent.ts';
import { readContents, readFiles, readLinks, type Sources, together } from './sources.ts';

const URI_LIST = 'text/uri-list';
const TEXT = 'text/plain';

/** Takes what is dropped; nothing is dragged away from the view. */
export function createDropController(app: App): vscode.TreeDragAndDropController<Node> {
  return {
    dragMimeTypes: [],
    dropMimeTypes: [URI_LIST, TEXT, 'files'],
    async handleDrop(target, data) {
      try {
        const sources = await sourcesIn(data);
        if (sources) await addSources(app, sources, clientOf(target));
      } catch (error) {
        void vscode.window.showErrorMessage(toMessage((error as Error).message));
      }
    },
  };
}

/** Files of other programs come with their content, those of the explorer and links with their addresses. */
async function sourcesIn(data: vscode.DataTransfer): Promise<Sources | undefined> {
  const files = [...data].flatMap(([, item]) => item.asFile() ?? []);
  if (files.length > 0) return readContents(files);
  const list = await data.get(URI_LIST)?.asString();
  const addresses = (list ?? '').split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#'));
  if (addresses.length > 0) return readAddresses(addresses);
  const text = await data.get(TEXT)?.asString();
  return text ? readLinks(text) : undefined;
}

/** Links keep their exact text. */
async function readAddresses(addresses: readonly string[]): Promise<Sources> {
  const isLink = (address: string) => /^(magnet|https?):/i.test(address);
  const uris = addresses.filter(address => !isLink(address)).map(address => vscode.Uri.parse(address));
  return together(await readFiles(uris), readLinks(addresses.filter(isLink).join('\n')));
}
