/** How the user wants the torrents arranged, in the whole view. */
import * as vscode from 'vscode';
import { type Arrangement, SORT_KEYS, type Sort } from '../../torrents/arrange.ts';
import type { Filter } from '../../torrents/filter.ts';
import type { Settings } from '../settings.ts';

const SORT_STATE = 'sort';
const FIRST_SORT: Sort = { key: 'name', isDescending: false };

export class ViewArrangement implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscription: vscode.Disposable;
  readonly onDidChange = this.#changed.event;
  #current: Arrangement;

  constructor({ globalState }: vscode.ExtensionContext, settings: Settings) {
    this.#state = globalState;
    this.#current = {
      groupBy: settings.groupBy,
      filter: undefined,
      sort: readSort(globalState.get(SORT_STATE)),
    };
    this.#subscription = settings.onDidChangeGroupBy(() => this.#set({ groupBy: settings.groupBy }));
  }

  /** The same object until the user wants it otherwise. */
  get current(): Arrangement {
    return this.#current;
  }

  set filter(filter: Filter | undefined) {
    this.#set({ filter });
  }

  /** Lasts beyond this window. */
  set sort(sort: Sort) {
    this.#set({ sort });
    void this.#state.update(SORT_STATE, sort);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #set(part: Partial<Arrangement>): void {
    this.#current = { ...this.#current, ...part };
    this.#changed.fire();
  }
}

/** What an other version of the extension left there may be anything. */
function readSort(value: unknown): Sort {
  const { key, isDescending } = (value ?? {}) as Partial<Sort>;
  const known = SORT_KEYS.find(each => each === key);
  return known ? { key: known, isDescending: isDescending === true } : FIRST_SORT;
}
