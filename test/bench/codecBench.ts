// The codecs alone, on answers that daemons gave.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runPython } from '../tools/daemons/deluge.ts';
import { CODECS, type Codec, type CodecName, pythonProgram } from './codecs.ts';
import { type Limits, MEGABYTE, type Row, type Table } from './report.ts';
import { alternate } from './rounds.ts';
import { type Figures, Measurer } from './serve.ts';

const ROUNDS = 7;
const PYTHON_COUNT = 8;
/** Of others' times, as far as there are targets. */
const LIMITS: Readonly<Partial<Record<CodecName, Limits>>> = {
  'XML-RPC decode': { saxes: 0.4, 'fast-xml-parser': 0.4, xml2js: 0.4, '@xmldom/xmldom': 0.4 },
  'rencode decode': { 'python3-rencode': 1 },
  'JSON decode': { 'JSON.parse': 1.05, 'lossless-json': 1, 'json-bigint': 1 },
};
/** The column: what the other takes is in the label. */
const OTHER = 'other';

/**
 * Measures all of them.
 *
 * @param answerOf the file with the list that a kind of daemon gave.
 */
export async function benchCodecs(
  answerOf: (kind: Codec['kind']) => string,
  roundsOf: (rounds: number) => number,
): Promise<Table> {
  const rows: Row[] = [];
  for (const name of Object.keys(CODECS) as CodecName[]) {
    rows.push(...(await benchCodec(name, CODECS[name], answerOf(CODECS[name].kind), roundsOf(ROUNDS))));
  }
  return { title: 'codecs', others: [OTHER], rows };
}

async function benchCodec(
  name: CodecName,
  { contenders }: Codec,
  file: string,
  rounds: number,
): Promise<Row[]> {
  using stack = new DisposableStack();
  const measurers = new Map<string, () => Promise<Figures>>();
  for (const [contender, how] of Object.entries(contenders)) {
    if (typeof how === 'function') {
      const worker = path.join(import.meta.dirname, 'codecWorker.ts');
      const measurer = stack.use(new Measurer(worker, name, contender, file));
      measurers.set(contender, () => measurer.ask('work', 1));
    } else {
      const program = pythonProgram(how, file, PYTHON_COUNT);
      measurers.set(contender, async () => ({ time: Number(await runPython(program)) }));
    }
  }
  const ask = (contender: string) => (measurers.get(contender) as () => Promise<Figures>)();
  const results = await alternate([...measurers.keys()], rounds, ask);
  const size = readFileSync(file).length / MEGABYTE;
  const speedOf = (contender: string) =>
    `${((size / results.figure(contender, 'time')) * 1000).toPrecision(3)} MB/s`;
  const others = [...measurers.keys()].filter(contender => contender !== 'core');
  return others.map(other => {
    const limit = LIMITS[name]?.[other];
    return {
      label: `${name} (${other}: ${speedOf(other)})`,
      core: speedOf('core'),
      ratios: { [OTHER]: results.ratio('core', other, 'time') },
      limits: limit === undefined ? {} : { [OTHER]: limit },
    };
  });
}
