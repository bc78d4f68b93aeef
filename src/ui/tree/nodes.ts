/** What stands in the *Clients* view. */
import type { Torrent } from '../../torrents/torrent.ts';
import type { ManagedClient } from '../client.ts';
import type { InvalidEntry } from '../entries.ts';

export interface ClientNode {
  readonly kind: 'client';
  readonly client: ManagedClient;
}

export interface InvalidNode {
  readonly kind: 'invalid';
  readonly entry: InvalidEntry;
}

/** The first child of a client that failed: why, with the ways out as its actions. */
export interface FailureNode {
  readonly kind: 'failure';
  readonly parent: ClientNode;
}

export interface TorrentNode {
  readonly kind: 'torrent';
  readonly parent: ClientNode;
  /** As of the last refresh; the node stays the same. */
  torrent: Torrent;
}

export type Node = ClientNode | InvalidNode | FailureNode | TorrentNode;

/** Stable over refreshes, so that expansion and selection survive them. */
export function idOf(node: Node): string {
  switch (node.kind) {
    case 'client':
      return `client:${node.client.entry.name}`;
    case 'invalid':
      return `invalid:${node.entry.index}:${node.entry.name}`;
    case 'failure':
      return `failure:${node.parent.client.entry.name}`;
    case 'torrent':
      return `torrent:${node.parent.client.entry.name}:${node.torrent.infoHash}`;
  }
}
