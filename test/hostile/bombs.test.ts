// Answers that are small on the wire and large in memory, or without end: each ends in one error, in bounded memory. The
// limits are those that a client has when nobody sets any.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { deflateSync, gzipSync } from 'node:zlib';
import { flood } from './support/misdeeds.ts';
import type { Sentence, Verdict } from './support/prisoner.ts';
import { addressOf, http, startTurncoat, VICTIMS, type Victim } from './support/victims.ts';

const MB = 1024 * 1024;
/** Of the thread's heap: an extension host has four times as much. */
const HEAP_MB = 1024;
/** Of the whole process, beyond what it has: an answer of 256 MiB, once as bytes in pieces, in one, and as a text. */
const GROWTH_MB = 1800;
const TIMEOUT_S = 60;

interface Bomb {
  readonly name: string;
  readonly victim: string;
  readonly message: RegExp;
  explode(socket: net.Socket, honest: Buffer): unknown;
}

const say = (bytes: () => Uint8Array) => (socket: net.Socket) => socket.write(bytes());
const packed = (bytes: Uint8Array) => {
  const body = deflateSync(bytes);
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};
const BYTES = /^Response too large: more than 268435456 bytes$/;
const VALUES = /^Response too large: more than 16777216 values$/;
const JSON_TYPE = 'Content-Type: application/json';
const CHUNKED = `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`;
const inJson = (text: () => string) => say(() => http('200 OK', text(), JSON_TYPE));

const BOMBS: readonly Bomb[] = [
  {
    name: 'a packet of a gigabyte',
    victim: 'deluge over TLS',
    message: BYTES,
    // The answer to the log-in: its id, and a long text.
    explode: say(() =>
      packed(Buffer.concat([Buffer.of(0xc3, 1, 1), Buffer.from(`${1024 * MB}:`), Buffer.alloc(1024 * MB)])),
    ),
  },
  {
    name: 'a packet of 200 million empty lists',
    victim: 'deluge over TLS',
    message: VALUES,
    explode: say(() => packed(Buffer.concat([Buffer.of(59), Buffer.alloc(200 * MB, 0xc0), Buffer.of(127)]))),
  },
  {
    name: 'a packet of 200 million numbers',
    victim: 'deluge over TLS',
    message: VALUES,
    explode: say(() => packed(Buffer.concat([Buffer.of(59), Buffer.alloc(200 * MB, 1), Buffer.of(127)]))),
  },
  {
    name: 'a gigabyte in gzip',
    victim: 'qbittorrent over http',
    message: BYTES,
    explode: say(() => http('200 OK', gzipSync(Buffer.alloc(1024 * MB)), 'Content-Encoding: gzip')),
  },
  {
    name: 'an endless body in chunks of a byte',
    victim: 'transmission over http',
    // Which comes first depends on the machine.
    message: new RegExp(`^Timeout|${BYTES.source}`),
    explode: flood('1\r\nx\r\n'.repeat(10_000), CHUNKED),
  },
  {
    name: 'an endless body in large chunks',
    victim: 'transmission over http',
    message: BYTES,
    explode: flood(`100000\r\n${'x'.repeat(MB)}\r\n`, CHUNKED),
  },
  {
    name: 'an endless body without a length',
    victim: 'rtorrent over scgi',
    message: BYTES,
    explode: flood('x'.repeat(MB), 'Status: 200 OK\r\n\r\n'),
  },
  {
    name: 'eighty million empty lists in JSON',
    victim: 'transmission over http',
    message: VALUES,
    explode: inJson(() => `[${'[],'.repeat(80 * MB)}0]`),
  },
  {
    name: 'eighty million numbers in JSON',
    victim: 'transmission over http',
    message: VALUES,
    explode: inJson(() => `[${'1,'.repeat(80 * MB)}0]`),
  },
  {
    name: 'ten million long integers',
    victim: 'transmission over http',
    message: /^Unexpected response: /,
    explode: inJson(() => `[${'9007199254740993,'.repeat(10 * MB)}0]`),
  },
  {
    name: 'an integer of 200 million digits',
    victim: 'transmission over http',
    message: /^Unexpected response: /,
    explode: inJson(() => `[${'9'.repeat(200 * MB)}]`),
  },
  {
    name: 'lists within each other, 100 million deep',
    victim: 'transmission over http',
    message: VALUES,
    explode: inJson(() => '['.repeat(100 * MB)),
  },
  {
    name: 'thirty million empty values in XML',
    victim: 'rtorrent over http',
    message: /^Unexpected response: /,
    explode: say(() =>
      http('200 OK', `<methodResponse><params><param><value><array><data>${'<value/>'.repeat(30 * MB)}`),
    ),
  },
];

describe('bombs', () => {
  for (const bomb of BOMBS) {
    it(`${bomb.name}, ${bomb.victim}`, async () => {
      const victim = VICTIMS.find(({ name }) => name === bomb.victim) as Victim;
      await using server = await startTurncoat(victim);
      server.restart({ when: 'asked', do: bomb.explode });
      const options = { ...addressOf(victim, server.port), timeout: TIMEOUT_S / 4 };
      const start = performance.now();
      const { verdict, growthMb } = await suffer({ victim: victim.name, options });
      assert.match(verdict.message, bomb.message, `${verdict.name}: ${verdict.message.slice(0, 300)}`);
      assert.ok(growthMb < GROWTH_MB, `it took ${growthMb} MB`);
      assert.ok(performance.now() - start < TIMEOUT_S * 1000);
    });
  }
});

/** Makes a call in a thread of its own. */
async function suffer(workerData: Sentence): Promise<{ verdict: Verdict; growthMb: number }> {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  const worker = new Worker(new URL('./support/prisoner.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  try {
    // What it dies of is thrown.
    const [verdict] = await once(worker, 'message');
    return { verdict, growthMb: Math.round((most - before) / MB) };
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}
