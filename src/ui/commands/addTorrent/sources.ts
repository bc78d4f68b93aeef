/** What is to be added: `.torrent` files, read and understood here before anything is sent, and links. */
import * as vscode from 'vscode';
import type { NewTorrent } from '../../../torrents/adapter.ts';
import { parseMagnet } from '../../../torrents/magnet.ts';
import { type MetainfoFile, parseMetainfo } from '../../../torrents/metainfo.ts';
import { toName } from '../../../util/text.ts';

/** A `.torrent` file that is one. */
export interface FileSource {
  readonly kind: 'file';
  /** The torrent's. */
  readonly name: string;
  readonly files: readonly MetainfoFile[];
  readonly sent: NewTorrent['source'];
}

/** A magnet link, or an address that leads to a `.torrent` file. */
export interface LinkSource {
  readonly kind: 'link';
  readonly name: string;
  readonly sent: NewTorrent['source'];
}

export type Source = FileSource | LinkSource;

/** Something that cannot be added, and why. */
export interface BadSource {
  readonly name: string;
  readonly problem: string;
}

export interface Sources {
  readonly good: readonly Source[];
  readonly bad: readonly BadSource[];
}

/** All that is in several. */
export function together(...several: readonly Sources[]): Sources {
  return { good: several.flatMap(({ good }) => good), bad: several.flatMap(({ bad }) => bad) };
}

/** Bytes that a `.torrent` file may have; what is larger is something else. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Reads and understands files, wherever they are. */
export function readFiles(uris: readonly vscode.Uri[]): Promise<Sources> {
  return readEach(uris, nameOf, async uri => {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_BYTES) throw new Error(vscode.l10n.t('It is too large to be a .torrent file'));
    return toFileSource(nameOf(uri), await vscode.workspace.fs.readFile(uri));
  });
}

const nameOf = ({ path }: vscode.Uri) => path.slice(path.lastIndexOf('/') + 1);

/** Understands files that another program gave with their content. */
export function readContents(files: readonly vscode.DataTransferFile[]): Promise<Sources> {
  return readEach(
    files,
    file => file.name,
    async file => toFileSource(file.name, await file.data()),
  );
}

async function readEach<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  read: (item: T) => Promise<Source>,
): Promise<Sources> {
  const good: Source[] = [];
  const bad: BadSource[] = [];
  for (const item of items) {
    try {
      good.push(await read(item));
    } catch (error) {
      bad.push({ name: nameOf(item), problem: (error as Error).message });
    }
  }
  return { good, bad };
}

/** @throws Error where it is no torrent. */
function toFileSource(fileName: string, metainfo: Uint8Array): FileSource {
  const { name, files, infoHash, infoHashV2 } = parseMetainfo(metainfo);
  return {
    kind: 'file',
    name,
    files,
    sent: { kind: 'file', name: fileName, metainfo, infoHash, infoHashV2 },
  };
}

/** The links in a text, with blanks between them; those of a name in a magnet link belong to it. */
export function readLinks(text: string): Sources {
  const links = text.trim().split(/\s+(?=magnet:|https?:)/i);
  return together(...[...new Set(links.filter(Boolean))].map(link => readLink(link.replace(/\s+/g, '%20'))));
}

function readLink(url: string): Sources {
  try {
    return { good: [toLink(url)], bad: [] };
  } catch (error) {
    return { good: [], bad: [{ name: url, problem: (error as Error).message }] };
  }
}

/** @throws Error where it is no link to a torrent. */
function toLink(url: string): LinkSource {
  if (/^magnet:/i.test(url)) {
    const { name, infoHash, infoHashV2 } = parseMagnet(url);
    return { kind: 'link', name: name || infoHash, sent: { kind: 'link', url, infoHash, infoHashV2 } };
  }
  if (/^https?:\/\/[^/]/i.test(url) && URL.canParse(url))
    return { kind: 'link', name: url, sent: { kind: 'link', url, infoHash: undefined } };
  throw new Error(vscode.l10n.t('A magnet link, or an address that begins with http:// or https://'));
}

/** A torrent by its name, several by their number. */
export function namesOfSources(sources: readonly Source[]): string {
  const [first] = sources;
  return first && sources.length === 1
    ? `“${toName(first.name)}”`
    : vscode.l10n.t('{0} torrents', sources.length);
}
