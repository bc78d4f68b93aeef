// What holds for all adapters alike.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientName } from '../../src/rpc/index.ts';
import { list } from './support/adapters.ts';

test('no torrents are no torrents, an answer without a list is an error', async () => {
  const empty = {
    'session-get': { arguments: { version: '3.00 (x)' } },
    'session-stats': {},
    'free-space': {},
    'torrent-get': { arguments: { torrents: [['hashString', 'name']] } },
    'app/version': 'v4.1.0',
    'sync/maindata': { rid: 1, full_update: true },
    'daemon.info': '2.0.3',
    'core.get_torrents_status': {},
    'system.client_version': '0.9.8',
    'd.multicall2': [],
  };
  const odd = {
    ...empty,
    'torrent-get': {},
    'sync/maindata': '',
    'core.get_torrents_status': null,
    'd.multicall2': 0,
  };
  const versions = { transmission: '3.00', qbittorrent: '4.1.0', deluge: '2.0.3', rtorrent: '0.9.8' };
  for (const [type, version] of Object.entries(versions) as [ClientName, string][]) {
    const listed = await list(type, empty);
    assert.deepEqual([listed.version, listed.torrents], [version, []]);
    await assert.rejects(list(type, odd), /^Error: Unexpected response/);
  }
});
