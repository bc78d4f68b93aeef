// Daemons call and count torrents and files as the reader of `.torrent` files says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ClientName, client } from '../../src/rpc/index.ts';
import { type Metainfo, parseMetainfo } from '../../src/torrents/metainfo.ts';
import { bencode } from '../tools/bencode.ts';
import { generations } from '../tools/chroots.ts';
import type { Daemon, DaemonOptions } from '../tools/daemons/daemon.ts';
import { callDeluge, startDeluge } from '../tools/daemons/deluge.ts';
import { callQbittorrent, startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startRtorrent } from '../tools/daemons/rtorrent.ts';
import { callTransmission, startTransmission } from '../tools/daemons/transmission.ts';
import { makeTorrentV2 } from '../tools/torrentsV2.ts';
import { waitFor } from '../vscode/support/wait.ts';

const FILES = [
  { path: 'a', size: 1000 },
  { path: 'b', size: 7000 },
  { path: 'c', size: 5 },
];
const PIECE = 16_384;
/** rTorrent 0.9.8 takes no torrent without one; nothing listens there. */
const tracker = 'http://127.0.0.1:1/announce';
const padded = bencode({
  announce: tracker,
  info: {
    name: 'padded',
    'piece length': PIECE,
    pieces: Buffer.alloc(40, 1),
    files: [
      { length: 1000, path: ['a'] },
      { attr: 'p', length: PIECE - 1000, path: ['.pad', '0'] },
      { length: 5, path: ['d', 'c'] },
    ],
  },
});
const hybrid = makeTorrentV2({ name: 'hybrid', files: FILES, isHybrid: true, tracker }).metainfo;
const v2 = makeTorrentV2({ name: 'v2', files: FILES, tracker }).metainfo;
/** What begins a number for sure, and ends one. */
const isOldTransmission = (version: string) => /^[23]\./.test(version);

type File = readonly [index: number, path: string, size: number];

/** How a kind of daemon is asked. */
interface Kind {
  start(options: DaemonOptions): Promise<Daemon>;
  add(daemon: Daemon, metainfo: Buffer): Promise<void>;
  /** By what it calls the torrent; undefined while it does not have it. */
  files(daemon: Daemon, infoHash: string): Promise<readonly File[] | undefined>;
  /** The torrents that it takes. */
  taken(version: string): readonly Buffer[];
  /** What it calls a torrent. */
  nameOf(metainfo: Metainfo): string;
  /** How it counts a file. */
  numberOf(file: Metainfo['files'][number], place: number): number;
}

const byLibtorrent = ({ infoHash, infoHashV2 }: Metainfo) => infoHashV2?.slice(0, 40) ?? infoHash;
const byV1 = ({ infoHash }: Metainfo) => infoHash;
const withPads = (file: Metainfo['files'][number]) => file.index;

const KINDS: { readonly [Name in ClientName]: Kind } = {
  transmission: {
    start: startTransmission,
    async add(daemon, metainfo) {
      await callTransmission(daemon, 'torrent-add', { metainfo: metainfo.toString('base64'), paused: true });
    },
    async files(daemon, infoHash) {
      const { torrents } = await callTransmission(daemon, 'torrent-get', {
        ids: [infoHash],
        fields: ['files'],
      });
      return torrents[0]?.files.map(
        (file: { name: string; length: number }, index: number): File => [index, file.name, file.length],
      );
    },
    taken: version => (isOldTransmission(version) ? [padded] : [padded, hybrid]),
    nameOf: byV1,
    numberOf: withPads,
  },
  qbittorrent: {
    start: startQbittorrent,
    async add(daemon, metainfo) {
      const form = new FormData();
      form.append('torrents', new Blob([metainfo]), 'x.torrent');
      await callQbittorrent(daemon, 'torrents/add', form);
    },
    async files(daemon, infoHash) {
      const hash = new URLSearchParams({ hash: infoHash });
      const files = await callQbittorrent(daemon, 'torrents/files', hash).catch(() => undefined);
      return files?.map(
        (file: { index: number; name: string; size: number }): File => [file.index, file.name, file.size],
      );
    },
    taken: () => [padded, hybrid, v2],
    nameOf: byLibtorrent,
    numberOf: (_, place) => place,
  },
  deluge: {
    start: startDeluge,
    async add(daemon, metainfo) {
      await callDeluge(daemon, 'core.add_torrent_file', 'x.torrent', metainfo.toString('base64'), {});
    },
    async files(daemon, infoHash) {
      const { files } = await callDeluge(daemon, 'core.get_torrent_status', infoHash, ['files']);
      return files?.map(
        (file: { index: number; path: string; size: number }): File => [file.index, file.path, file.size],
      );
    },
    taken: () => [padded, hybrid, v2],
    nameOf: byLibtorrent,
    numberOf: withPads,
  },
  rtorrent: {
    start: startRtorrent,
    async add(daemon, metainfo) {
      await using rpc = client('rtorrent', daemon.url);
      await rpc.call('load.raw', '', metainfo);
    },
    async files(daemon, infoHash) {
      await using rpc = client('rtorrent', daemon.url);
      const hash = infoHash.toUpperCase();
      const listed = (await rpc.call('download_list', '')) as readonly string[];
      if (!listed.includes(hash)) return undefined;
      const name = await rpc.call('d.name', hash);
      const files = (await rpc.call('f.multicall', hash, '', 'f.path=', 'f.size_bytes=')) as [
        string,
        number,
      ][];
      return files.map(([path, size], index): File => [index, `${name}/${path}`, Number(size)]);
    },
    taken: () => [padded, hybrid],
    nameOf: byV1,
    numberOf: withPads,
  },
};

for (const { suite, chroot } of generations()) {
  describe(`.torrent files in ${suite}`, () => {
    for (const [name, kind] of Object.entries(KINDS)) {
      test(`${name} counts files as they are counted here`, async () => {
        await using daemon = await kind.start({ chroot });
        const version =
          name === 'transmission' ? (await callTransmission(daemon, 'session-get')).version : '';
        for (const bytes of kind.taken(version)) {
          const metainfo = parseMetainfo(bytes);
          await kind.add(daemon, bytes);
          const files = await waitFor(`${name} has ${metainfo.name}`, () =>
            kind.files(daemon, kind.nameOf(metainfo)),
          );
          for (const [place, file] of metainfo.files.entries()) {
            const number = kind.numberOf(file, place);
            const found = files.find(([index]) => index === number);
            assert.deepEqual(found, [number, file.path, file.size], metainfo.name);
          }
        }
      });
    }
  });
}
