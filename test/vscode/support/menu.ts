import type { Locator, Page } from 'playwright-core';
import { exactly, waitFor } from './wait.ts';

/** An open menu (of a row, a view's title, the editor's). */
export class Menu {
  readonly page: Page;
  readonly menu: Locator;

  constructor(page: Page) {
    this.page = page;
    this.menu = page
      .locator('.monaco-menu-container .monaco-menu, .context-view .monaco-menu')
      .filter({ visible: true });
  }

  /** Waits until the menu is there. */
  async opened(): Promise<this> {
    await this.menu.first().waitFor();
    return this;
  }

  /** The titles, without separators. */
  async read(): Promise<string[]> {
    const titles = await this.menu.locator('.action-label:not(.separator)').allInnerTexts();
    return titles.map(title => title.trim()).filter(Boolean);
  }

  /**
   * Takes an item, with the keyboard: a click in a menu's first 100 ms is taken for the end of the right click that
   * opened it (`menu.ts` in VS Code), and a test is that fast.
   */
  async choose(item: string): Promise<void> {
    const row = this.menu
      .locator('.action-item')
      .filter({ has: this.page.locator('.action-label', { hasText: exactly(item) }) });
    await row.first().waitFor();
    await waitFor(`${item} focused in the menu`, async () => {
      if (await row.and(this.page.locator('.focused')).count()) return true;
      await row.first().hover();
      return (await row.and(this.page.locator('.focused')).count()) > 0;
    });
    await this.page.keyboard.press('Enter');
    await this.menu.first().waitFor({ state: 'detached' });
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.menu.first().waitFor({ state: 'detached' });
  }
}
