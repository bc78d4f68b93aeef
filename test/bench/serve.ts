// What runs in a process of its own, and how it is asked.
import { type ChildProcess, fork } from 'node:child_process';

/** What came of a measurement: numbers by name. */
export type Figures = Readonly<Record<string, number>>;

/** What a process can be asked to measure, so many times. */
export type Measures = Readonly<Record<string, (count: number) => Promise<Figures>>>;

interface Question {
  readonly measure: string;
  readonly count: number;
}

type Reply = { readonly figures: Figures } | { readonly error: string };

/** In the process: measures what it is asked to, until the one that asks is gone. */
export function serve(measures: Measures): void {
  process.on('message', async ({ measure, count }: Question) => {
    let reply: Reply;
    try {
      reply = { figures: (await measures[measure]?.(count)) ?? {} };
    } catch (error) {
      reply = { error: String(error instanceof Error ? (error.stack ?? error) : error) };
    }
    process.send?.(reply);
  });
  process.on('disconnect', () => process.exit());
}

/** A process that measures; disposing it ends it. */
export class Measurer implements Disposable {
  readonly #child: ChildProcess;

  /** @param args what the script finds in `process.argv`. */
  constructor(script: string, ...args: string[]) {
    this.#child = fork(script, args, { execArgv: ['--expose-gc', '--disable-warning=DEP0005'] });
  }

  /** @throws Error with what went wrong there. */
  async ask(measure: string, count: number): Promise<Figures> {
    const { promise, resolve, reject } = Promise.withResolvers<Figures>();
    const onEnd = () => reject(new Error('its process has ended'));
    const onReply = (reply: Reply) =>
      'figures' in reply ? resolve(reply.figures) : reject(new Error(reply.error));
    this.#child.once('message', onReply as (reply: unknown) => void).once('exit', onEnd);
    this.#child.send({ measure, count } satisfies Question);
    try {
      return await promise;
    } finally {
      this.#child.off('exit', onEnd);
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}
