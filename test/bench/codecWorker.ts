// node --expose-gc codecWorker.ts CODEC CONTENDER FILE: one codec, measured on an answer in a file.
import { readFileSync } from 'node:fs';
import { CODECS, type Codec, type CodecName } from './codecs.ts';
import { type Figures, serve } from './serve.ts';

const [, , codec, name, file] = process.argv as [string, string, CodecName, string, string];
const prepare = (CODECS[codec] as Codec).contenders[name];
if (typeof prepare !== 'function') throw new Error(`${name} is measured elsewhere`);
const work = await prepare(readFileSync(file));

/** Milliseconds: to have everything compiled as well as it ever will be, and of one round. */
const WARM_UP_MS = 2000;
const ROUND_MS = 300;

/** Does the work again and again for a while; how long it takes. */
async function run(milliseconds: number): Promise<Figures> {
  const start = performance.now();
  for (let count = 1; ; count++) {
    await work();
    const time = performance.now() - start;
    if (time > milliseconds) return { time: time / count };
  }
}

await run(WARM_UP_MS);
serve({ work: () => run(ROUND_MS) });
