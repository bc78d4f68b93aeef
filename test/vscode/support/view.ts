import type { Locator, Page } from 'playwright-core';
import { Menu } from './menu.ts';
import type { GetComputedStyle, PageElement } from './page-types.ts';
import { clickInRow } from './row-click.ts';
import { eventually, exactly, waitFor } from './wait.ts';

/** A row of a tree view, as it is on screen. */
export interface TreeRow {
  /** 1 for a root. */
  readonly level: number;
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly aria: string;
  /** Undefined for a leaf. */
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
  /** `codicon-NAME`, `image` for a picture, undefined without an icon. */
  readonly icon: string | undefined;
  /** The computed colour of the icon, `rgb(…)`. */
  readonly iconColor: string | undefined;
  /** The inline actions. */
  readonly actions: readonly string[];
  /** Its place in the whole tree, 0 for the first row. */
  readonly index: number;
}

/** How long a tooltip may take to show; then the row is looked for again. */
const HOVER_TIMEOUT_MS = 2_000;
/** How long a row that was clicked may take to open; VS Code loses a click on one that it draws anew meanwhile. */
const LOST_CLICK_MS = 5_000;

/** A row by its label, or by the labels from a root down to it where one label is not enough. */
export type RowPath = string | readonly string[];

declare const getComputedStyle: GetComputedStyle;

/** One view of the side bar: its tree, its title actions, its welcome content. */
export class View {
  readonly page: Page;
  readonly name: string;
  readonly pane: Locator;
  readonly rows: Locator;
  readonly welcome: Locator;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
    const header = page.locator(`.pane-header[aria-label^=${JSON.stringify(name)}]`);
    this.pane = page.locator('.part.sidebar .pane').filter({ has: header });
    // In a long tree VS Code keeps a copy of the parent at the top.
    this.rows = this.pane.locator('.monaco-list-row[role="treeitem"]:not(.monaco-tree-sticky-row)');
    this.welcome = this.pane.locator('.welcome-view-content');
  }

  /** The rows on screen from top to bottom. A long tree keeps only these in the page. */
  read(): Promise<TreeRow[]> {
    return this.rows.evaluateAll((rows: PageElement[]) =>
      rows
        .map(row => {
          const icon = row.querySelector('.custom-view-tree-node-item-icon');
          const codicon = icon && [...icon.classList].find(name => name.startsWith('codicon-'));
          const style = icon ? getComputedStyle(icon) : undefined;
          const expanded = row.getAttribute('aria-expanded');
          return {
            level: Number(row.getAttribute('aria-level')),
            label: row.querySelector('.label-name')?.textContent ?? '',
            description: row.querySelector('.label-description')?.textContent ?? '',
            aria: row.getAttribute('aria-label') ?? '',
            expanded: expanded === null ? undefined : expanded === 'true',
            selected: row.getAttribute('aria-selected') === 'true',
            icon: codicon ?? (style && style.backgroundImage !== 'none' ? 'image' : undefined),
            iconColor: style?.color,
            actions: [...row.querySelectorAll('.actions a.action-label')].map(
              a => a.getAttribute('aria-label') ?? '',
            ),
            index: Number(row.dataset.index),
          };
        })
        .sort((a, b) => a.index - b.index),
    );
  }

  /** Reads the tree until it is as wanted: `view.until('two clients', rows => rows.length === 2)`. Returns the rows. */
  until(
    what: string,
    isWanted: (rows: readonly TreeRow[]) => boolean,
    timeoutMs?: number,
  ): Promise<TreeRow[]> {
    const look = async (): Promise<TreeRow[] | undefined> => {
      const rows = await this.read();
      return isWanted(rows) ? rows : undefined;
    };
    return waitFor(`${what} in ${this.name}`, look, timeoutMs);
  }

  /** Reads the tree until what is asserted of it holds. Returns the rows. */
  eventually(
    what: string,
    check: (rows: readonly TreeRow[]) => void,
    timeoutMs?: number,
  ): Promise<TreeRow[]> {
    const read = async (): Promise<TreeRow[]> => {
      const rows = await this.read();
      check(rows);
      return rows;
    };
    return eventually(`${what} in ${this.name}`, read, timeoutMs);
  }

  /** Waits for a row and returns it as it is on screen. */
  async find(path: RowPath, timeoutMs?: number): Promise<TreeRow> {
    return waitFor(
      `the row ${String(path)} in ${this.name}`,
      async () => atPath(await this.read(), path),
      timeoutMs,
    );
  }

  /** Waits until no such row is on screen. */
  async gone(path: RowPath, timeoutMs?: number): Promise<void> {
    const look = async (): Promise<boolean> => !atPath(await this.read(), path);
    await waitFor(`the row ${String(path)} gone from ${this.name}`, look, timeoutMs);
  }

  /** The row's element, for what this class has no word for. */
  async locate(path: RowPath): Promise<Locator> {
    return this.#rowOf(await this.find(path));
  }

  #rowOf({ index, label }: TreeRow): Locator {
    const name = this.page.locator('.label-name').filter({ hasText: exactly(label) });
    return this.rows.and(this.page.locator(`[data-index="${index}"]`)).filter({ has: name });
  }

  async expand(path: RowPath): Promise<void> {
    await this.#setExpanded(path, true);
  }

  async collapse(path: RowPath): Promise<void> {
    await this.#setExpanded(path, false);
  }

  async #setExpanded(path: RowPath, wanted: boolean): Promise<void> {
    const what = `${String(path)} ${wanted ? 'expanded' : 'collapsed'}`;
    const isSo = async () => atPath(await this.read(), path)?.expanded === wanted;
    await waitFor(what, async () => {
      if ((await this.find(path)).expanded === wanted) return true;
      await this.#clickIn(path, (row, timeout) => row.locator('.monaco-tl-twistie').click({ timeout }));
      return waitFor(what, isSo, LOST_CLICK_MS);
    });
  }

  /** Clicks on a row or in it. Rows that come and go above it move it away: then it is looked for again. */
  async #clickIn(path: RowPath, click: Parameters<typeof clickInRow>[2]): Promise<void> {
    await waitFor(`a click on ${String(path)} in ${this.name}`, async () => {
      const found = atPath(await this.read(), path);
      return found && clickInRow(this.#rowOf(found), found, click);
    });
  }

  /** Clicks a row. */
  async click(path: RowPath): Promise<void> {
    await this.#clickIn(path, (row, timeout) => row.click({ timeout }));
  }

  /** Selects these rows and no others. */
  async select(first: RowPath, ...others: readonly RowPath[]): Promise<void> {
    await this.click(first);
    for (const path of others)
      await this.#clickIn(path, (row, timeout) => row.click({ modifiers: ['ControlOrMeta'], timeout }));
  }

  /** Presses an inline action of a row by its tooltip. */
  async inlineAction(path: RowPath, action: string): Promise<void> {
    await this.#clickIn(path, async (row, timeout) => {
      await row.hover({ timeout });
      await row.locator(`.actions a.action-label[aria-label^=${JSON.stringify(action)}]`).click({ timeout });
    });
  }

  /** The titles in a row's context menu. */
  async contextMenu(path: RowPath): Promise<string[]> {
    const menu = await this.#openContextMenu(path);
    const titles = await menu.read();
    await menu.close();
    return titles;
  }

  /** Chooses from a row's context menu; `select` several rows first to choose for all of them. */
  async choose(path: RowPath, item: string): Promise<void> {
    await (await this.#openContextMenu(path)).choose(item);
  }

  async #openContextMenu(path: RowPath): Promise<Menu> {
    await this.#clickIn(path, (row, timeout) => row.click({ button: 'right', timeout }));
    return new Menu(this.page).opened();
  }

  /** A row's tooltip. */
  async tooltip(path: RowPath): Promise<string> {
    const hover = this.page.locator('.monaco-hover').filter({ visible: true }).first();
    const timeout = HOVER_TIMEOUT_MS;
    return waitFor(`the tooltip of ${String(path)} in ${this.name}`, async () => {
      await this.page.mouse.move(0, 0);
      await hover.waitFor({ state: 'detached', timeout }); // that of another row
      const row = await this.locate(path);
      // At its beginning, for the middle of a long one is beyond the edge.
      await row.locator('.label-name').hover({ position: { x: 4, y: 10 }, timeout });
      const text = (await hover.innerText({ timeout })).trim();
      return (await row.count()) > 0 ? text : undefined; // else it is that of a row which is there now
    });
  }

  /** The view's title actions; with one view in its container they are in the side bar's own title. */
  get titleActions(): Locator {
    const inPane = this.pane.locator('.pane-header .actions a.action-label');
    return inPane
      .or(this.page.locator('.part.sidebar > .title .title-actions a.action-label'))
      .filter({ visible: true });
  }

  /** Presses a title action by its tooltip. */
  async titleAction(action: string): Promise<void> {
    const header = this.pane.locator('.pane-header');
    if (await header.isVisible()) await header.hover();
    await this.titleActions
      .and(this.page.locator(`[aria-label^=${JSON.stringify(action)}]`))
      .first()
      .click();
  }

  /** Presses a button of the welcome content. */
  async welcomeButton(label: string): Promise<void> {
    await this.welcome
      .locator('.monaco-button')
      .filter({ hasText: exactly(label) })
      .click();
  }
}

/** The row at the end of a path; a single label is any row's. */
function atPath(rows: readonly TreeRow[], path: RowPath): TreeRow | undefined {
  if (typeof path === 'string') return rows.find(row => row.label === path);
  const open: string[] = [];
  return rows.find(row => {
    open.length = row.level - 1;
    open.push(row.label);
    return open.length === path.length && path.every((label, at) => open[at] === label);
  });
}
