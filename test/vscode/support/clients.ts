// VS Code with a client of each of some kinds in its Clients view, each a real daemon, for all tests of a `describe`.
import { after, afterEach, before, type TestContext } from 'node:test';
import type { Daemon, DaemonKind } from '../../tools/daemons/daemon.ts';
import { startQbittorrent } from '../../tools/daemons/qbittorrent.ts';
import { DEMOS, withAuth } from '../../tools/demo.ts';
import type { Torrent } from '../../tools/torrents.ts';
import type { View } from './view.ts';
import { openVsCode, type VsCode, type VsCodeOptions } from './vscode.ts';
import { waitFor } from './wait.ts';
import { WITNESSES, type Witnessed } from './witnesses.ts';

/** What the tests begin with. */
export interface ClientsOptions<Kind extends DaemonKind>
  extends Pick<VsCodeOptions, 'files' | 'settings' | 'viewport'> {
  /** Readies a daemon before VS Code connects to it. */
  fill?(daemon: Daemon, kind: Kind): Promise<unknown>;
}

/** Starts the daemons and VS Code before the tests of this `describe`, and ends them after. */
export function openClients<Kind extends DaemonKind>(
  kinds: readonly Kind[],
  options: ClientsOptions<Kind> = {},
): Clients<Kind> {
  const clients = new Clients<Kind>();
  before(() => clients.open(kinds, options));
  afterEach(t => clients.tidy(t as TestContext));
  after(() => clients.close());
  return clients;
}

/** They are there as soon as the first test runs. */
export class Clients<Kind extends DaemonKind> {
  readonly #stack = new AsyncDisposableStack();
  readonly #daemons = new Map<Kind, Daemon>();
  #vscode: VsCode | undefined;

  get vscode(): VsCode {
    if (!this.#vscode) throw new Error('VS Code did not start.');
    return this.#vscode;
  }

  get workbench(): VsCode['workbench'] {
    return this.vscode.workbench;
  }

  get quickInput(): VsCode['workbench']['quickInput'] {
    return this.workbench.quickInput;
  }

  get view(): View {
    return this.workbench.view('Clients');
  }

  daemonOf(kind: Kind): Daemon {
    return this.#daemons.get(kind) as Daemon;
  }

  /** The client's, in the view. */
  nameOf(kind: Kind): string {
    return DEMOS[kind].label;
  }

  /** Waits until the daemon itself says so. */
  witness(
    kind: Kind,
    torrent: Torrent,
    what: string,
    isWanted: (seen: Witnessed | undefined) => boolean,
  ): Promise<unknown> {
    const look = async () => isWanted(await this.ask(kind, torrent));
    return waitFor(`${this.nameOf(kind)}'s ${torrent.name} ${what}`, look);
  }

  /** What the daemon itself says of a torrent now. */
  ask(kind: Kind, { infoHash }: Torrent): Promise<Witnessed | undefined> {
    return WITNESSES[kind](this.daemonOf(kind), infoHash);
  }

  /** Waits until the view says so. */
  shows(kind: Kind, label: string, description: RegExp): Promise<unknown> {
    const path = [this.nameOf(kind), label];
    return waitFor(`${path.join("'s ")} shown as ${description}`, async () =>
      description.test((await this.view.find(path)).description),
    );
  }

  /** Waits until the view has selected it: what was added there is shown. */
  isSelected(kind: Kind, label: string): Promise<unknown> {
    const path = [this.nameOf(kind), label];
    return waitFor(`${path.join("'s ")} selected`, async () => (await this.view.find(path)).selected);
  }

  async open(
    kinds: readonly Kind[],
    { fill, settings: others, ...options }: ClientsOptions<Kind>,
  ): Promise<void> {
    const start = async (kind: Kind) => {
      // That of the demo shows late what changes.
      const daemon = this.#stack.use(
        await (kind === 'qbittorrent' ? startQbittorrent() : DEMOS[kind].start()),
      );
      this.#daemons.set(kind, daemon);
      await fill?.(daemon, kind);
    };
    const started = await Promise.allSettled(kinds.map(start));
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    const entries = kinds.map(kind => ({
      ...{ name: this.nameOf(kind), type: kind, url: withAuth(this.daemonOf(kind)) },
    }));
    // A click is to select a torrent and no more: what opens below it moves the rows.
    const settings = { 'btRpc.clients': entries, 'workbench.tree.expandMode': 'doubleClick', ...others };
    this.#vscode = this.#stack.use(await openVsCode({ ...options, settings }));
    await this.workbench.openContainer('BT RPC');
    for (const kind of kinds) {
      await this.view.expand(this.nameOf(kind));
      await this.view.until(`${this.nameOf(kind)} connected`, rows =>
        rows.some(row => row.label === this.nameOf(kind) && /^connected · .*torrent/.test(row.description)),
      );
    }
    await this.workbench.runCommand('Notifications: Clear All Notifications');
  }

  async tidy(test: TestContext): Promise<void> {
    if (!this.#vscode) return;
    await this.vscode.keepEvidence(test);
    // No tooltip is to cover what the next one clicks.
    await this.workbench.page.mouse.move(900, 600);
  }

  close(): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
