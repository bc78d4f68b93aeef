/** How the nodes of the *Clients* view look. */
import type * as vscode from 'vscode';
import { clientItem, failureItem, invalidItem } from './clientItems.ts';
import { detailsItem, fileItem, peerItem, trackerItem } from './detailItems.ts';
import { groupItem, moreItem, noteItem } from './groupItems.ts';
import { idOf, type Node } from './nodes.ts';
import { torrentItem } from './torrentItems.ts';

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
    case 'group':
      return groupItem(node);
    case 'torrent':
      return torrentItem(node);
    case 'files':
    case 'trackers':
    case 'peers':
      return detailsItem(node);
    case 'file':
      return fileItem(node);
    case 'tracker':
      return trackerItem(node);
    case 'peer':
      return peerItem(node);
    case 'more':
      return moreItem(node);
    case 'note':
      return noteItem(node);
  }
}
