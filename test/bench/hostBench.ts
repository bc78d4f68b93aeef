// How long refreshes stop the extension host of a real VS Code, and what they cost on the wire.
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientName, client } from '../../src/rpc/index.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { withAuth } from '../tools/demo.ts';
import { openVsCode, type VsCode } from '../vscode/support/vscode.ts';
import { FULL_LIMIT_MS, inLimit, LIMIT, REFRESH_LIMIT_MS } from './limits.ts';
import type { Table } from './report.ts';

/** Seconds between refreshes, the least that the setting takes. */
const INTERVAL_S = 1;
const WATCHED_MS = 10_000;
const RECENT_MS = 70_000;
const FIRST_ROUNDS = 5;
/** Torrents that change between two refreshes. */
const CHANGED = 100;

/** What is to be measured. */
export interface HostBench {
  readonly kind: ClientName;
  readonly daemon: Daemon;
  readonly torrents: readonly { readonly infoHash: string }[];
  roundsOf(rounds: number): number;
}

/** Opens VS Code with one client, and watches its host while it refreshes. */
export async function benchHost({ kind, daemon, torrents, roundsOf }: HostBench): Promise<Table> {
  await using stack = new AsyncDisposableStack();
  const meter = stack.use(await startMeter());
  const entry = { name: kind, type: kind, url: withAuth(daemon), proxyUrl: meter.url };
  const vscode = stack.use(
    await openVsCode({
      settings: { 'btRpc.clients': [entry], 'btRpc.refreshInterval': INTERVAL_S },
    }),
  );
  const host = new Host(vscode);
  await vscode.workbench.openContainer('BT RPC');
  const view = vscode.workbench.view('Clients');
  await view.find(kind);
  const isListed = () =>
    view.until(
      'all torrents',
      rows => rows[0]?.description.includes(` ${torrents.length} torrents`) ?? false,
      120_000,
    );

  const firsts: number[] = [];
  for (let round = 0; round < roundsOf(FIRST_ROUNDS); round += 1) {
    firsts.push(
      await host.watch(async () => {
        if (round === 0) await view.expand(kind);
        else await vscode.agent.run(api => api.commands.executeCommand('btRpc.connect'));
        await isListed();
        await sleep(1000);
      }),
    );
    if (round < roundsOf(FIRST_ROUNDS) - 1)
      await vscode.agent.run(api => api.commands.executeCommand('btRpc.disconnect'));
  }
  // Transmission tells of all that changed within a minute, and that they were added is a change.
  if (kind === 'transmission') await sleep(RECENT_MS);
  const quietFrom = meter.bytes();
  const quiet = await host.watch(() => sleep(WATCHED_MS));
  const quietBytes = (meter.bytes() - quietFrom) / meter.burstsSince(WATCHED_MS);
  const delta = await host.watch(() => startAndStop(kind, daemon, torrents.slice(0, CHANGED)));
  await vscode.agent.run(api => api.commands.executeCommand('btRpc.disconnect'));
  await sleep(1000);
  const idle = await host.watch(() => sleep(WATCHED_MS));
  return {
    title: `${kind} in VS Code`,
    others: [LIMIT],
    rows: [
      inLimit('first listing, longest of all', Math.max(...firsts), FULL_LIMIT_MS),
      inLimit('first listing, the very first', firsts[0] ?? Number.NaN, FULL_LIMIT_MS),
      inLimit('nothing new: longest stretch', quiet, REFRESH_LIMIT_MS),
      inLimit(`${CHANGED} changed: longest stretch`, delta, REFRESH_LIMIT_MS),
      inLimit('without refreshes', idle),
      { label: 'nothing new: on the wire', core: `${Math.round(quietBytes)} B`, ratios: {}, limits: {} },
    ],
  };
}

/** Changes torrents again and again, while they are watched. */
async function startAndStop(
  kind: ClientName,
  daemon: Daemon,
  torrents: HostBench['torrents'],
): Promise<void> {
  const { actions } = adapterOf(kind);
  await using rpc = client(kind, daemon);
  const [first = '', ...others] = torrents.map(({ infoHash }) => infoHash);
  const { signal } = new AbortController();
  const end = performance.now() + WATCHED_MS;
  for (let round = 0; performance.now() < end; round += 1) {
    await actions[round % 2 === 0 ? 'start' : 'stop'](rpc, [first, ...others], signal);
    await sleep(1000 * INTERVAL_S);
  }
}

/** The extension host, with an eye on its event loop. */
class Host {
  readonly #vscode: VsCode;

  constructor(vscode: VsCode) {
    this.#vscode = vscode;
  }

  /** Milliseconds of the longest stretch without a turn of the event loop, while something happens. */
  async watch(work: () => Promise<void>): Promise<number> {
    await this.#vscode.agent.run((_, __, require) => {
      const { monitorEventLoopDelay } = require('node:perf_hooks') as typeof import('node:perf_hooks');
      const monitor = monitorEventLoopDelay({ resolution: 1 });
      monitor.enable();
      Object.assign(process, { btRpcMonitor: monitor });
    });
    await work();
    return this.#vscode.agent.run(() => {
      const { btRpcMonitor: monitor } = process as unknown as {
        btRpcMonitor: import('node:perf_hooks').IntervalHistogram;
      };
      monitor.disable();
      return monitor.max / 1e6;
    });
  }
}

/** A proxy that counts what goes through it. */
interface Meter extends AsyncDisposable {
  readonly url: string;
  /** Both ways. */
  bytes(): number;
  /** How many times somebody spoke, with pauses between, in the last milliseconds. */
  burstsSince(milliseconds: number): number;
}

const PAUSE_MS = (1000 * INTERVAL_S) / 2;

async function startMeter(): Promise<Meter> {
  let bytes = 0;
  const times: number[] = [];
  const server: Server = createServer().on('connect', ({ url }, client, head) => {
    const { hostname, port } = new URL(`http://${url}`);
    const daemon = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      daemon.write(head);
      client.pipe(daemon).pipe(client);
    });
    for (const [one, other] of [
      [client, daemon],
      [daemon, client],
    ] as const) {
      one.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        times.push(performance.now());
      });
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    bytes: () => bytes,
    burstsSince: milliseconds => {
      const since = times.filter(time => time >= performance.now() - milliseconds);
      return since.filter((time, at) => at === 0 || time - (since[at - 1] as number) > PAUSE_MS).length;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
