// Runs in a thread with little memory: makes one call, and tells how it ended. What kills it leaves the test alive.
import { parentPort, workerData } from 'node:worker_threads';
import type { ClientOptions } from '../../../src/rpc/index.ts';
import { client } from '../../../src/rpc/index.ts';
import { callOf, VICTIMS, type Victim } from './victims.ts';

/** What it is to do. */
export interface Sentence {
  readonly victim: string;
  readonly options: ClientOptions;
}

/** How it ended. */
export interface Verdict {
  readonly name: string;
  readonly message: string;
}

const { victim: name, options } = workerData as Sentence;
const victim = VICTIMS.find(each => each.name === name) as Victim;
const rpc = client(victim.client, options);
const verdict: Verdict = await callOf(victim, rpc).then(
  () => ({ name: 'none', message: 'there was an answer' }),
  ({ name, message }: Error) => ({ name, message }),
);
parentPort?.postMessage(verdict);
await rpc.disconnect();
