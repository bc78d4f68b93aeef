// node --expose-gc codecWorker.ts CODEC CONTENDER FILE: one codec, measured on an answer in a file.
import { readFileSync } from 'node:fs';
import { CODECS, type Codec, type CodecName } from './codecs.ts';
import { serve } from './serve.ts';

const [, , codec, name, file] = process.argv as [string, string, CodecName, string, string];
const prepare = (CODECS[codec] as Codec).contenders[name];
if (typeof prepare !== 'function') throw new Error(`${name} is measured elsewhere`);
const work = await prepare(readFileSync(file));

/** So that everything is compiled as well as it ever will be. */
const WARM_UPS = 30;
for (let done = 0; done < WARM_UPS; done++) await work();

serve({
  decode: async count => {
    globalThis.gc?.();
    const start = performance.now();
    for (let done = 0; done < count; done++) await work();
    return { time: (performance.now() - start) / count };
  },
});
