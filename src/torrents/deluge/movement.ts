/** Whether anything moves in the whole client, by one small question. */
import type { DelugeRPC } from '../../rpc/index.ts';
import { type Fields, toAmount } from '../fields.ts';
import type { ClientFacts } from '../torrent.ts';

const PEERS = 'peer.num_peers_connected';
/** Bytes ever, so that nothing that came and went between two questions is missed. */
const COUNTERS = ['net.recv_payload_bytes', 'net.sent_payload_bytes'];
const KEYS = ['payload_download_rate', 'payload_upload_rate', ...COUNTERS, PEERS];

/** Milliseconds between two looks for the torrents that it moves in: Deluge goes through all of them for that. */
const SCAN_EVERY_MS = 4000;
/** Milliseconds after the last movement in which they are looked for: Deluge is late to know. */
const LATE_MS = 10_000;

export class Movement {
  #counted: string | undefined;
  #until = 0;
  #scannedAt = Number.NEGATIVE_INFINITY;

  /** The rates of all torrents together. */
  async ask(
    client: DelugeRPC,
    signal: AbortSignal,
  ): Promise<Pick<ClientFacts, 'downloadRate' | 'uploadRate'>> {
    const answer = await client.call<Fields | null>('core.get_session_status', [KEYS], {}, { signal });
    const counted = COUNTERS.map(key => answer?.[key]).join();
    const isOther = this.#counted !== undefined && counted !== this.#counted;
    if (answer?.[PEERS] || isOther) this.#until = performance.now() + LATE_MS;
    this.#counted = counted;
    return {
      downloadRate: toAmount(answer?.payload_download_rate),
      uploadRate: toAmount(answer?.payload_upload_rate),
    };
  }

  /** Whether it is time to look which torrents something moves in; who asks does so then. */
  isScanDue(): boolean {
    const now = performance.now();
    if (now > this.#until || now - this.#scannedAt < SCAN_EVERY_MS) return false;
    this.#scannedAt = now;
    return true;
  }
}
