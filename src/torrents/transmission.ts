/** Transmission's torrents (rpc-spec.md, section 3.3; field names as in the old dialect, which 3.00 to 4.1 speak). */
import type { TransmissionRPC } from '../rpc/index.ts';
import type { Adapter, Torrent, TorrentState } from './torrent.ts';

const FIELDS = [
  'hashString',
  'name',
  'status',
  'percentDone',
  'metadataPercentComplete',
  'recheckProgress',
  'rateDownload',
  'rateUpload',
  'eta',
  'sizeWhenDone',
  'uploadRatio',
  'error',
  'errorString',
];

/** By `status`: 0 stopped, 1 waits to verify, 2 verifies, 3 waits to download, 4 downloads, 5 waits to seed, 6 seeds. */
const STATES: readonly TorrentState[] = [
  'stopped',
  'queued',
  'checking',
  'queued',
  'downloading',
  'queued',
  'seeding',
];
const STATUS_CHECKING = 2;
const STATUS_DOWNLOADING = 4;
/** `error`: 1 and 2 are a tracker's warning and error, which do not keep the torrent from working; 3 is our own. */
const ERROR_LOCAL = 3;

/** Rows of columns: half the bytes and half the time of objects (measured with 5,000 torrents). */
type Table = readonly [readonly string[], ...(readonly unknown[][])];

export const transmissionAdapter: Adapter<TransmissionRPC> = {
  async list(client, signal) {
    const [session, answer] = await Promise.all([
      client.call('session-get', { fields: ['version'] }, { signal }),
      client.call('torrent-get', { format: 'table', fields: FIELDS }, { signal }),
    ]);
    const [columns, ...rows] = (answer.arguments?.torrents ?? [[]]) as Table;
    const torrents = rows.map(row => toTorrent(Object.fromEntries(columns.map((name, i) => [name, row[i]]))));
    return { version: toVersion(session.arguments?.version), torrents };
  },
};

/** `3.00 (bb6b5a062e)` and `4.1.4 (…)` have a commit after the version. */
function toVersion(text: unknown): string {
  return String(text).split(' ')[0] ?? '';
}

function toTorrent(fields: Record<string, unknown>): Torrent {
  const state = toState(fields);
  return {
    infoHash: String(fields.hashString),
    name: String(fields.name),
    state,
    progress: Number(fields.status === STATUS_CHECKING ? fields.recheckProgress : fields.percentDone),
    downloadRate: toNumber(fields.rateDownload),
    uploadRate: toNumber(fields.rateUpload),
    eta: toNumber(fields.eta),
    size: toNumber(fields.sizeWhenDone),
    ratio: toNumber(fields.uploadRatio),
    error: fields.error ? String(fields.errorString) : undefined,
  };
}

function toState({ error, status, metadataPercentComplete }: Record<string, unknown>): TorrentState {
  if (error === ERROR_LOCAL) return 'error';
  if (status === STATUS_DOWNLOADING && Number(metadataPercentComplete) < 1) return 'metadata';
  return STATES[Number(status)] ?? 'stopped';
}

/** -1 and -2 mean that it does not apply or is unknown (rpc-spec.md: `eta`, `uploadRatio`). */
function toNumber(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
