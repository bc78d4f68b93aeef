// How long refreshes stop the extension host of a real VS Code, and what they cost on the wire.
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { IntervalHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientName, client } from '../../src/rpc/index.ts';
import { adapterOf } from '../../src/torrents/adapters.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { withAuth } from '../tools/demo.ts';
import { openVsCode, type VsCode } from '../vscode/support/vscode.ts';
import { FULL_LIMIT_MS, inLimit, LIMIT, REFRESH_LIMIT_MS } from './limits.ts';
import type { Row, Table } from './report.ts';
import { median } from './rounds.ts';

/** Milliseconds between refreshes, the least that the setting takes; each round has one. */
const INTERVAL_MS = 1000;
/** Longer than Transmission calls a change recent. */
const RECENT_MS = 70_000;
const FIRST_ROUNDS = 5;
const ROUNDS = 15;
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
      settings: { 'btRpc.clients': [entry], 'btRpc.refreshInterval': INTERVAL_MS / 1000 },
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

  const command = (id: string) => vscode.agent.run((api, id) => api.commands.executeCommand(id), id);
  const first = await host.watch(roundsOf(FIRST_ROUNDS), async round => {
    if (round === 0) await view.expand(kind);
    else await command('btRpc.disconnect').then(() => command('btRpc.connect'));
    await isListed();
    await sleep(INTERVAL_MS);
  });
  // Transmission tells of all that changed within a minute, and that they were added is a change.
  if (kind === 'transmission') await sleep(RECENT_MS);
  const bytesBefore = meter.bytes();
  const quiet = await host.watch(roundsOf(ROUNDS), () => sleep(INTERVAL_MS));
  const bytes = (meter.bytes() - bytesBefore) / roundsOf(ROUNDS);
  const delta = await startAndStop(kind, daemon, torrents.slice(0, CHANGED), work =>
    host.watch(roundsOf(ROUNDS), work),
  );
  await command('btRpc.disconnect');
  await sleep(INTERVAL_MS);
  const idle = await host.watch(roundsOf(ROUNDS), () => sleep(INTERVAL_MS));
  return {
    title: `${kind} in VS Code: how long its host stands still at a stretch, median and longest of all rounds`,
    others: [LIMIT],
    rows: [
      ...rowsOf('everything is listed', first, FULL_LIMIT_MS),
      ...rowsOf('nothing is new', quiet, REFRESH_LIMIT_MS),
      ...rowsOf(`${CHANGED} change`, delta, REFRESH_LIMIT_MS),
      ...rowsOf('no refresh at all', idle),
      { label: 'nothing is new: on the wire', core: `${Math.round(bytes)} B`, ratios: {}, limits: {} },
    ],
  };
}

/** What is done in a round. */
type Work = (round: number) => Promise<unknown>;

/** Changes torrents in each round, while they are watched. */
async function startAndStop(
  kind: ClientName,
  daemon: Daemon,
  torrents: HostBench['torrents'],
  watch: (work: Work) => Promise<Stretch[]>,
): Promise<Stretch[]> {
  const { start, stop } = adapterOf(kind).actions;
  const { url, username, password } = daemon;
  await using rpc = client(kind, { url, username, password });
  const [first = '', ...others] = torrents.map(({ infoHash }) => infoHash);
  return await watch(async round => {
    await (round % 2 === 0 ? start : stop)(rpc, [first, ...others], new AbortController().signal);
    await sleep(INTERVAL_MS);
  });
}

function rowsOf(label: string, stretches: readonly Stretch[], limit?: number): Row[] {
  const still = stretches.map(stretch => stretch.still);
  const busy = stretches.map(stretch => stretch.busy);
  return [
    inLimit(`${label}: median`, median(still), limit),
    inLimit(`${label}: longest`, Math.max(...still), limit),
    inLimit(`${label}: longest, its own work`, Math.max(...busy)),
  ];
}

/** The extension host, with an eye on its event loop. */
class Host {
  readonly #vscode: VsCode;

  constructor(vscode: VsCode) {
    this.#vscode = vscode;
  }

  /** Watches its event loop in each round. */
  async watch(rounds: number, work: Work): Promise<Stretch[]> {
    const stretches: Stretch[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await this.#begin();
      await work(round);
      stretches.push(await this.#end());
    }
    return stretches;
  }

  async #begin(): Promise<void> {
    await this.#vscode.agent.run((_, __, require) => {
      const { monitorEventLoopDelay } = require('node:perf_hooks') as typeof import('node:perf_hooks');
      const monitor = monitorEventLoopDelay({ resolution: 1 });
      monitor.enable();
      // Since Node 23.9; the types are older.
      const { threadCpuUsage } = process as unknown as { threadCpuUsage(): NodeJS.CpuUsage };
      const used = () => {
        const { user, system } = threadCpuUsage();
        return (user + system) / 1000;
      };
      const watched: Watched = { monitor, busy: 0, timer: undefined };
      let before = used();
      watched.timer = setInterval(() => {
        const now = used();
        watched.busy = Math.max(watched.busy, now - before);
        before = now;
      }, 1);
      Object.assign(process, { btRpcWatched: watched });
    });
  }

  #end(): Promise<Stretch> {
    return this.#vscode.agent.run(() => {
      const { btRpcWatched } = process as unknown as { btRpcWatched: Watched };
      const { monitor, busy, timer } = btRpcWatched;
      clearInterval(timer);
      monitor.disable();
      return { still: monitor.max / 1e6, busy };
    });
  }
}

/** The longest stretch without a turn of the event loop, in milliseconds; and the most that it worked between two. */
interface Stretch {
  readonly still: number;
  /** What the processor did for this thread alone: a machine that has other things to do keeps it waiting. */
  readonly busy: number;
}

interface Watched {
  readonly monitor: IntervalHistogram;
  busy: number;
  timer: NodeJS.Timeout | undefined;
}

/** A proxy that counts what goes through it. */
interface Meter extends AsyncDisposable {
  readonly url: string;
  /** Both ways. */
  bytes(): number;
}

async function startMeter(): Promise<Meter> {
  let bytes = 0;
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
      });
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    bytes: () => bytes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
