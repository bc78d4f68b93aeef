/** A thousand connections, one after the other: nothing of them stays behind. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type ClientOptions, client, type RPCBase } from '../../src/rpc/index.ts';
import { makeCertificates } from '../tools/certificates.ts';
import { clientFor, TESTED_CLIENTS } from '../tools/clients.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';
import { assertNothingOpen, usedMemory } from '../tools/leaks.ts';
import { startNginx } from '../tools/nginx.ts';
import { startMicrosocks } from '../tools/proxies.ts';
import { passTo } from '../tools/routes.ts';

const ROUNDS = 1000;
/** How often memory is looked at on the way: what stays of each round makes it grow each time. */
const LOOKS = 5;
/** Rounds at the same time: over a proxy most of one is waiting. */
const LANES = 4;
/** Bytes that a round may leave; a listener, a timer or a socket that stays is more, and this is what chance is. */
const MOST_GROWTH = 200;

type Call = (rpc: RPCBase) => Promise<unknown>;

/** Connects, calls and disconnects, every other time by one of these clients, else by a new one. */
async function connectOften(
  rounds: number,
  kept: readonly RPCBase[],
  make: () => RPCBase,
  call: Call,
): Promise<void> {
  const lane = async (old: RPCBase) => {
    for (let round = 0; round < rounds / kept.length; round++) {
      await using rpc = round % 2 === 0 ? old : make();
      await call(rpc);
    }
  };
  await Promise.all(kept.map(lane));
}

async function checkMemory(make: () => RPCBase, call: Call): Promise<void> {
  const kept = Array.from({ length: LANES }, make);
  // Code is compiled, caches are filled.
  await connectOften(ROUNDS, kept, make, call);
  const looks = [await usedMemory()];
  for (let look = 0; look < LOOKS; look++) {
    await connectOften(ROUNDS / LOOKS, kept, make, call);
    looks.push(await usedMemory());
  }
  const growths = looks.slice(1).map((bytes, index) => bytes - (looks[index] as number));
  const median = growths.toSorted((one, other) => one - other)[(LOOKS - 1) / 2] as number;
  console.log(`${ROUNDS} rounds: ${looks[0]} bytes, then ${growths.join(', ')} more`);
  assert.ok(median < (MOST_GROWTH * ROUNDS) / LOOKS, `${growths.join(', ')} bytes more`);
}

describe('a thousand connections', () => {
  after(assertNothingOpen);

  for (const { name, start, call } of TESTED_CLIENTS) {
    it(`of ${name}`, async () => {
      // A qBittorrent that lets everybody in compares no password: that takes it 40 ms each time.
      await using daemon = await (name === 'qbittorrent' ? startQbittorrent({ username: '' }) : start());
      const any: ClientOptions = name === 'qbittorrent' ? { username: 'any', password: 'thing' } : {};
      await checkMemory(() => clientFor(name, daemon, any), call);
    });
  }

  it('over TLS, through a proxy', async () => {
    await using certificates = await makeCertificates();
    await using daemon = await startTransmission();
    const config = passTo('transmission', daemon);
    await using nginx = await startNginx({ config, tls: certificates.valid, username: '' });
    await using proxy = await startMicrosocks({ username: '' });
    const { url, username, password } = daemon;
    const over = { scheme: 'https', port: nginx.port, tls: { ca: certificates.ca }, proxyUrl: proxy.url };
    const make = () => client('transmission', { url, username, password, ...over });
    await checkMemory(make, rpc => rpc.connect());
  });
});
