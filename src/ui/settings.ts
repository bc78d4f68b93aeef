/** Reads and writes `btRpc.*`: the one place that touches the configuration. */
import { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree } from 'jsonc-parser';
import * as vscode from 'vscode';
import { SETTING_IDS, SETTINGS_SECTION } from '../ids.ts';
import { type Entry, readEntries } from './entries.ts';

/** Seconds, where the setting holds something else than a number. */
const DEFAULT_REFRESH_INTERVAL = 2;
/** Seconds; 0 stands for never. */
const SHORTEST_REFRESH_INTERVAL = 1;

/** Milliseconds that VS Code gets to tell that its settings file changed. */
const LONGEST_RELOAD_MS = 5000;

/** One change of the value of `btRpc.clients`. */
export interface SettingEdit {
  /** From the value's root; an index equal to the length appends. */
  readonly path: readonly (string | number)[];
  /** Undefined is to be removed. */
  readonly value: unknown;
}

/** Makes the edits for a value of `btRpc.clients`. */
export type MakeEdits = (
  clients: readonly unknown[],
) => readonly SettingEdit[] | Promise<readonly SettingEdit[]>;

export class Settings implements vscode.Disposable {
  readonly #globalStorageUri: vscode.Uri;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #intervalChanged = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  #writing: Promise<unknown> = Promise.resolve();

  /** Fires when `btRpc.clients` has another value. */
  readonly onDidChangeClients = this.#changed.event;
  /** Fires when `btRpc.refreshInterval` has another value. */
  readonly onDidChangeRefreshInterval = this.#intervalChanged.event;

  constructor({ globalStorageUri }: vscode.ExtensionContext) {
    this.#globalStorageUri = globalStorageUri;
    this.#subscription = vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration(SETTING_IDS.clients)) this.#changed.fire();
      if (event.affectsConfiguration(SETTING_IDS.refreshInterval)) this.#intervalChanged.fire();
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
    this.#intervalChanged.dispose();
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

  /**
   * Changes `btRpc.clients`, keeping comments and format where the settings file can be reached.
   *
   * @param makeEdits the edits for the value that the setting has by then; called again where it changes meanwhile.
   * @throws what `makeEdits` throws, and Error where VS Code cannot write the settings.
   */
  edit(makeEdits: MakeEdits): Promise<void> {
    const write = this.#writing.then(() => this.#edit(makeEdits));
    this.#writing = write.catch(() => {});
    return write;
  }

  /**
   * Edits the settings file itself, for VS Code's own update rewrites the whole value and loses the comments in it.
   * The user's settings lie two folders above the global storage of the default profile, which holds what has scope
   * `application`; on the other side of a remote connection they are out of reach.
   */
  async #edit(makeEdits: MakeEdits): Promise<void> {
    const file = vscode.Uri.joinPath(this.#globalStorageUri, '../../settings.json');
    for (let isLast = false; ; isLast = true) {
      const raw = this.rawClients ?? [];
      if (!Array.isArray(raw)) throw new Error('The setting btRpc.clients is no list');
      const edits = await makeEdits(raw);
      if (edits.length === 0) return;
      const text = await readText(file);
      const inFile = clientsIn(text);
      if (isSame(inFile, raw)) {
        const edited = edits.reduce((current, { path, value }) => editText(current, path, value), text);
        return this.#reload(() => vscode.workspace.fs.writeFile(file, new TextEncoder().encode(edited)));
      }
      // Somebody changed the file and VS Code has not noticed yet, or the file is not the one that VS Code reads.
      if (inFile === undefined || isLast) return this.#update('clients', withEdits(raw, edits));
      await this.#reload();
    }
  }

  async #update(name: string, value: unknown): Promise<void> {
    const configuration = vscode.workspace.getConfiguration(SETTINGS_SECTION);
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
  }

  /**
   * Makes VS Code read its settings file now, which any update does, also one that changes nothing. Its file watcher is
   * slow to notice a change, and on a remote machine misses some (observed with VS Code's server 1.139).
   */
  async #reload(write?: () => PromiseLike<void>): Promise<void> {
    const changed = this.#nextChange();
    await write?.();
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

/** The value of `btRpc.clients` in a settings file; undefined where it has none. */
function clientsIn(text: string): unknown {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, [SETTING_IDS.clients]);
  return node && getNodeValue(node);
}

/** VS Code hands out proxies, which are never deeply equal to plain values. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function editText(text: string, path: readonly (string | number)[], value: unknown): string {
  const formattingOptions = {
    insertSpaces: !/^\t/m.test(text),
    tabSize: indentOf(text),
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  return applyEdits(text, modify(text, [SETTING_IDS.clients, ...path], value, { formattingOptions }));
}

function indentOf(text: string): number {
  return /^ +/m.exec(text)?.[0].length ?? 2;
}

/** The value with the edits made, for where only whole values can be written. */
function withEdits(clients: readonly unknown[], edits: readonly SettingEdit[]): unknown[] {
  const text = edits.reduce(
    (current, { path, value }) => applyEdits(current, modify(current, [...path], value, {})),
    JSON.stringify(clients),
  );
  return JSON.parse(text);
}
