/** What is looked into under torrents: asked for when it is expanded, and again with each refresh while it is. */
import * as vscode from 'vscode';
import { VIEW_IDS } from '../../ids.ts';
import { isSameList } from '../../util/lists.ts';
import type { ManagedClient } from '../client.ts';
import { type DetailsSource, sourceOf } from './detailsSources.ts';
import {
  ancestorsOf,
  clientNodeOf,
  clientOf,
  DETAILS_KINDS,
  type DetailsNode,
  expansionKey,
  isDetails,
  type Node,
  type NoteNode,
  type TorrentNode,
} from './nodes.ts';

/** One folder under a torrent. */
interface Folder {
  readonly node: DetailsNode;
  readonly source: DetailsSource;
  readonly note: NoteNode;
  /** What stands in it; nothing before the daemon has answered once. */
  children: readonly Node[];
  isAsking: boolean;
  isKnown: boolean;
}

export class TorrentDetails implements vscode.Disposable {
  readonly #fire: (changed: readonly Node[]) => void;
  readonly #isShown: (node: TorrentNode) => boolean;
  readonly #nodes = new WeakMap<TorrentNode, readonly DetailsNode[]>();
  readonly #folders = new WeakMap<DetailsNode, Folder>();
  /** Those that were expanded last, whether what is around them is or not. */
  readonly #open = new Set<Folder>();
  readonly #collapsed = new WeakSet<Node>();
  readonly #controller = new AbortController();

  /**
   * @param fire draws nodes anew.
   * @param isShown whether a torrent's node is still in the view.
   */
  constructor(fire: (changed: readonly Node[]) => void, isShown: (node: TorrentNode) => boolean) {
    this.#fire = fire;
    this.#isShown = isShown;
  }

  dispose(): void {
    this.#controller.abort(new vscode.CancellationError());
  }

  /** The folders under a torrent. */
  under(node: TorrentNode): readonly DetailsNode[] {
    let nodes = this.#nodes.get(node);
    if (!nodes) {
      const { infoHash } = node.torrent;
      const expanded = clientNodeOf(node)?.expanded;
      nodes = DETAILS_KINDS.map(kind => ({
        kind,
        parent: node,
        isExpanded: expanded?.has(expansionKey(infoHash, kind)) ?? false,
      }));
      this.#nodes.set(node, nodes);
    }
    return nodes;
  }

  /** What is in a folder as far as it is known. */
  childrenOf(node: DetailsNode): readonly Node[] {
    return this.#folderOf(node).children;
  }

  /** The folders of a client that are expanded. */
  openOf(client: ManagedClient): readonly DetailsNode[] {
    return [...this.#open].map(({ node }) => node).filter(node => clientOf(node) === client);
  }

  /** VS Code shows what is in a folder. */
  opened(node: DetailsNode): void {
    const folder = this.#folderOf(node);
    this.#open.add(folder);
    if (!folder.isKnown) this.#ask(folder);
  }

  /** What is in a folder that is opened again may be old. */
  expanded(node: Node): void {
    this.#collapsed.delete(node);
    remember(node, true);
    this.#askOpen(open => isWithin(open, node));
  }

  collapsed(node: Node): void {
    this.#collapsed.add(node);
    remember(node, false);
    if (isDetails(node)) this.#open.delete(this.#folderOf(node));
  }

  /** Whether a node or one around it is collapsed. */
  isHidden(node: Node): boolean {
    return this.#collapsed.has(node) || ('parent' in node && this.isHidden(node.parent));
  }

  /** A client has just been asked for what changed. */
  refreshed(client: ManagedClient): void {
    this.#askOpen(open => clientOf(open) === client);
  }

  showMore(node: DetailsNode): void {
    const folder = this.#folderOf(node);
    folder.source.showMore();
    this.#redraw(folder);
    this.#fire([node]);
  }

  #folderOf(node: DetailsNode): Folder {
    let folder = this.#folders.get(node);
    if (!folder) {
      const note: NoteNode = { kind: 'note', parent: node, text: '', isProblem: false };
      folder = { node, source: sourceOf(node), note, children: [], isAsking: false, isKnown: false };
      this.#folders.set(node, folder);
    }
    return folder;
  }

  #askOpen(isMeant: (node: DetailsNode) => boolean): void {
    for (const folder of this.#open) {
      const { parent } = folder.node;
      if (!this.#isShown(parent)) this.#open.delete(folder);
      else if (isMeant(folder.node) && !this.isHidden(parent)) this.#ask(folder);
    }
  }

  #ask(folder: Folder): void {
    if (folder.isAsking) return;
    folder.isAsking = true;
    const loading = this.#load(folder);
    // Whoever sees nothing yet wants to know that something is on its way.
    const location = { viewId: VIEW_IDS.clients };
    if (!folder.isKnown) void vscode.window.withProgress({ location }, () => loading);
  }

  async #load(folder: Folder): Promise<void> {
    const { node, source, note } = folder;
    let changed: readonly Node[] = [];
    const before = note.text;
    try {
      const news = await source.load(this.#controller.signal);
      if (news !== 'children') changed = news;
      note.isProblem = false;
      note.text = source.children.length === 0 ? source.emptiness : '';
    } catch (error) {
      // Of a client that failed as a whole, its first child says why; what was known stays.
      if (!folder.isKnown || clientOf(node)?.status !== 'failed') {
        note.isProblem = true;
        note.text = (error as Error).message;
      }
    }
    folder.isAsking = false;
    folder.isKnown = true;
    if (this.#controller.signal.aborted) return;
    const isOther = this.#redraw(folder) || note.text !== before;
    if (isOther) this.#fire([node]);
    else if (changed.length > 0) this.#fire(changed);
  }

  /** Whether there are other children than before. */
  #redraw(folder: Folder): boolean {
    const { source, note } = folder;
    const children = note.text === '' ? source.children : [note, ...source.children];
    if (isSameList(children, folder.children)) return false;
    folder.children = children;
    return true;
  }
}

/** Remembers what its torrent is to look like in another group. */
function remember(node: Node, isExpanded: boolean): void {
  const expanded = clientNodeOf(node)?.expanded;
  const change = (key: string) => (isExpanded ? expanded?.add(key) : expanded?.delete(key));
  if (node.kind === 'torrent') change(expansionKey(node.torrent.infoHash));
  else if (isDetails(node)) change(expansionKey(node.parent.torrent.infoHash, node.kind));
}

function isWithin(node: Node, ancestor: Node): boolean {
  return node === ancestor || ancestorsOf(node).includes(ancestor);
}
