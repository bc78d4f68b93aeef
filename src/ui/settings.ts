/** Reads and writes `btRpc.*`: the one place that touches the configuration. */
import * as vscode from 'vscode';
import { SETTING_IDS, SETTINGS_SECTION } from '../ids.ts';
import { GROUPINGS, type Grouping } from '../torrents/arrange.ts';
import { type Entry, readEntries } from './entries.ts';
import { clientsIn, editText, isPlain, type SettingEdit, withEdits } from './settingEdits.ts';

/** Seconds, where the setting holds something else than a number. */
const DEFAULT_REFRESH_INTERVAL = 2;
/** Seconds; 0 stands for never. */
const SHORTEST_REFRESH_INTERVAL = 1;

/** What `btRpc.notifications` can be: no notices, of torrents that fail, of those that finish as well. */
const NOTIFICATIONS = ['off', 'failed', 'all'] as const;
export type Notifications = (typeof NOTIFICATIONS)[number];

/** How often the file is tried before its value is written as a whole. */
const MOST_ATTEMPTS = 2;

/** Milliseconds that VS Code gets to tell that its settings file changed. */
const LONGEST_RELOAD_MS = 5000;

/** What is asked about: what destroys something, all that changes something on a daemon, or only the worst. */
const CONFIRMS = ['destructive', 'write', 'never'] as const;
export type Confirm = (typeof CONFIRMS)[number];

/** Makes the edits for a value of `btRpc.clients`. */
export type MakeEdits = (
  clients: readonly unknown[],
) => readonly SettingEdit[] | Promise<readonly SettingEdit[]>;

export class Settings implements vscode.Disposable {
  readonly #globalStorageUri: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #intervalChanged = new vscode.EventEmitter<void>();
  readonly #groupByChanged = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  #writing: Promise<unknown> = Promise.resolve();

  /** Fires when `btRpc.clients` has another value. */
  readonly onDidChangeClients = this.#changed.event;
  /** Fires when `btRpc.refreshInterval` has another value. */
  readonly onDidChangeRefreshInterval = this.#intervalChanged.event;
  /** Fires when `btRpc.groupBy` has another value. */
  readonly onDidChangeGroupBy = this.#groupByChanged.event;

  constructor({ globalStorageUri }: vscode.ExtensionContext) {
    this.#globalStorageUri = globalStorageUri;
    this.#subscription = vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(SETTING_IDS.clients)) this.#changed.fire();
      if (event.affectsConfiguration(SETTING_IDS.refreshInterval)) this.#intervalChanged.fire();
      if (event.affectsConfiguration(SETTING_IDS.groupBy)) this.#groupByChanged.fire();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#intervalChanged.dispose();
    this.#groupByChanged.dispose();
  }

  /** The setting as the user wrote it; what a workspace says does not count. */
  get rawClients(): unknown {
    return vscode.workspace.getConfiguration(SETTINGS_SECTION).inspect('clients')?.globalValue;
  }

  get entries(): Entry[] {
    return readEntries(this.rawClients);
  }

  /** Milliseconds between two refreshes; undefined is never. */
  get refreshMilliseconds(): number | undefined {
    const value: unknown = vscode.workspace.getConfiguration(SETTINGS_SECTION).get('refreshInterval');
    if (typeof value !== 'number' || Number.isNaN(value)) return DEFAULT_REFRESH_INTERVAL * 1000;
    return value <= 0 ? undefined : Math.max(SHORTEST_REFRESH_INTERVAL, value) * 1000;
  }

  /** What is asked about before it is done. */
  get confirm(): Confirm {
    return this.#oneOf('confirm', CONFIRMS, 'destructive');
  }

  /** What the torrents of a client are grouped by. */
  get groupBy(): Grouping {
    return this.#oneOf('groupBy', GROUPINGS, 'none');
  }

  /**
   * Changes `btRpc.groupBy`.
   *
   * @throws Error where VS Code cannot write the settings.
   */
  setGroupBy(groupBy: Grouping): Promise<void> {
    return this.#write(() => this.#update('groupBy', groupBy));
  }

  /** Which torrents' news become notices. */
  get notifications(): Notifications {
    return this.#oneOf('notifications', NOTIFICATIONS, 'off');
  }

  /**
   * Changes `btRpc.clients`, keeping comments and format where the settings file can be reached.
   *
   * @param makeEdits the edits for the value that the setting has by then; called again where it changes meanwhile.
   * @throws what `makeEdits` throws, and Error where VS Code cannot write the settings.
   */
  edit(makeEdits: MakeEdits): Promise<void> {
    return this.#write(() => this.#edit(makeEdits));
  }

  /** One after the other. */
  #write(work: () => Promise<void>): Promise<void> {
    const write = this.#writing.then(work);
    this.#writing = write.catch(() => {});
    return write;
  }

  /** The value of a setting, or another where it is none of those there are. */
  #oneOf<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const value: unknown = vscode.workspace.getConfiguration(SETTINGS_SECTION).get(name);
    return known.find(each => each === value) ?? otherwise;
  }

  /**
   * VS Code's own update writes the whole value anew, which loses comments and format where it has any; then the file
   * itself is edited. It lies two folders above the global storage of the default profile, which holds what has scope
   * `application`; on the other side of a remote connection it is out of reach.
   */
  async #edit(makeEdits: MakeEdits): Promise<void> {
    const file = vscode.Uri.joinPath(this.#globalStorageUri, '../../settings.json');
    for (let attempt = 1; ; attempt += 1) {
      const raw = this.rawClients ?? [];
      if (!Array.isArray(raw)) throw new Error('The setting btRpc.clients is no list');
      const edits = await makeEdits(raw);
      if (edits.length === 0) return;
      const text = await readText(file);
      const inFile = clientsIn(text);
      // Else somebody is changing it, and VS Code has not read it yet; or it is not the file that VS Code reads.
      const isKnown = isSame(this.rawClients ?? [], raw) && (inFile === undefined || isSame(inFile, raw));
      // VS Code stumbles over a file that changes while it writes into it: no need, no change.
      const isNeedless = isKnown && (inFile === undefined || isPlain(text));
      if (isNeedless || attempt > MOST_ATTEMPTS) return this.#update('clients', withEdits(raw, edits));
      await this.#reload(async () => {
        if (!isKnown) return;
        await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(editText(text, edits)));
      });
      // VS Code may have written what it held, with the value of before, over what we wrote.
      if (isKnown && !isSame(clientsIn(await readText(file)) ?? [], raw)) return;
    }
  }

  async #update(name: string, value: unknown): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION);
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }

  /**
   * Writes, and makes VS Code read its settings file then, which any update does, also one that changes nothing. Its file
   * watcher is slow to notice a change, and on a remote machine misses some (observed with VS Code's server 1.139).
   */
  async #reload(write: () => Promise<void>): Promise<void> {
    const changed = this.#nextChange();
    await write();
    const { globalValue, defaultValue } =
      vscode.workspace.getConfiguration(SETTINGS_SECTION).inspect('refreshInterval') ?? {};
    // An update with the default value would take the user's own line away.
    const isDefault = globalValue !== undefined && globalValue === defaultValue;
    if (!isDefault) await this.#update('refreshInterval', globalValue);
    await changed;
  }

  /** Resolves when VS Code has read the file again; some edits mean no change to it. */
  #nextChange(): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer);
        subscription.dispose();
        resolve();
      };
      const subscription = this.onDidChangeClients(done);
      const timer = setTimeout(done, LONGEST_RELOAD_MS);
    });
  }
}

/** The text of a file; empty where there is none. */
async function readText(file: vscode.Uri): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return '';
  }
}

/** VS Code hands out proxies, which are never deeply equal to plain values. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
