import type { Locator, Page } from 'playwright-core';
import type { PageElement } from './page-types.ts';
import { clickInRow } from './row-click.ts';
import { eventually, exactly, waitFor } from './wait.ts';

/** A row of a quick pick. */
export interface QuickItem {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly aria: string;
  /** Shown above the row: the separator before it. */
  readonly separator: string;
  readonly checked: boolean | undefined;
}

/** What tells one step of a series of boxes from the next; the widget on screen is one and the same. */
export interface QuickStep {
  /** Part of the title, its `(2/4)` included. */
  readonly title?: string;
  readonly placeholder?: string;
  /** Part of the prompt or of the validation message below the box. */
  readonly message?: string;
}

/** The widget at the top of the window: palette, quick picks and input boxes. */
export class QuickInput {
  readonly page: Page;
  readonly widget: Locator;
  readonly box: Locator;
  readonly rows: Locator;

  constructor(page: Page) {
    this.page = page;
    this.widget = page.locator('.quick-input-widget');
    this.box = this.widget.locator('.quick-input-box input');
    this.rows = this.widget.locator('.quick-input-list .monaco-list-row');
  }

  /** Waits for a step that shows all of this. Without it a test types into the step before. */
  async step({ title, placeholder, message }: QuickStep): Promise<void> {
    await this.widget.filter({ visible: true }).waitFor();
    if (title) await this.widget.locator('.quick-input-title').filter({ hasText: title }).waitFor();
    if (placeholder)
      await this.widget.locator(`input[placeholder*=${JSON.stringify(placeholder)}]`).waitFor();
    if (message) await this.widget.locator('.quick-input-message').filter({ hasText: message }).waitFor();
  }

  /** The title with its steps, `Add Client (2/5)`; empty when there is none. */
  async title(): Promise<string> {
    return (await this.widget.locator('.quick-input-title').innerText()).trim();
  }

  /** The prompt or the validation message below the box. */
  async message(): Promise<string> {
    return (await this.widget.locator('.quick-input-message').innerText()).trim();
  }

  /** How grave the message is: it colours the box. */
  async severity(): Promise<'error' | 'warning' | 'info' | 'none'> {
    const classes =
      (await this.widget.locator('.quick-input-box .monaco-inputbox').getAttribute('class')) ?? '';
    return (
      (/\b(error|warning|info)\b/.exec(classes)?.[1] as 'error' | 'warning' | 'info' | undefined) ?? 'none'
    );
  }

  value(): Promise<string> {
    return this.box.inputValue();
  }

  async placeholder(): Promise<string> {
    return (await this.box.getAttribute('placeholder')) ?? '';
  }

  /** Whether the box masks what is typed. */
  async isPassword(): Promise<boolean> {
    return (await this.box.getAttribute('type')) === 'password';
  }

  /** Replaces the text in the box, without Enter. */
  fill(text: string): Promise<void> {
    return this.box.fill(text);
  }

  /** Enter, after typing this text if one is given. */
  async accept(text?: string): Promise<void> {
    if (text !== undefined) await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Escape. */
  async cancel(): Promise<void> {
    await this.box.press('Escape');
  }

  /** The rows on screen, as soon as there is one. More may be on their way: assert with `eventually`. */
  async items(): Promise<QuickItem[]> {
    await this.rows.first().waitFor();
    return this.rows.evaluateAll((rows: PageElement[]) =>
      rows
        .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
        .map(row => ({
          label: row.querySelector('.label-name')?.textContent ?? '',
          description: row.querySelector('.label-description')?.textContent ?? '',
          detail: row.querySelector('.quick-input-list-label-meta')?.textContent ?? '',
          aria: row.getAttribute('aria-label') ?? '',
          separator: row.querySelector('.quick-input-list-separator')?.textContent ?? '',
          checked:
            row.getAttribute('aria-checked') === null
              ? undefined
              : row.getAttribute('aria-checked') === 'true',
        })),
    );
  }

  /** Reads the rows until what is asserted of them holds. Returns them. */
  eventually(what: string, check: (items: readonly QuickItem[]) => void): Promise<QuickItem[]> {
    return eventually(`${what} in the quick pick`, async () => {
      const items = await this.items();
      check(items);
      return items;
    });
  }

  /** The row with this label. */
  row(label: string): Locator {
    const name = this.page.locator('.label-name').filter({ hasText: exactly(label) });
    return this.rows.filter({ has: name }).first();
  }

  /** Clicks the row with this label: takes it, or ticks it where several can be taken. */
  async pick(label: string): Promise<void> {
    await waitFor(`${label} in the quick pick`, () =>
      clickInRow(this.row(label), { label }, (row, timeout) => row.click({ timeout })),
    );
  }

  /** Presses a button beside the title (`Back`) or the box (`OK`). */
  pressButton(name: string): Promise<void> {
    const button = this.widget.locator('.monaco-button').filter({ hasText: exactly(name) });
    return this.widget
      .locator(`.action-label[aria-label^=${JSON.stringify(name)}]`)
      .or(button)
      .filter({ visible: true })
      .first()
      .click();
  }

  /** Waits until the widget is gone. */
  closed(): Promise<void> {
    return this.widget.waitFor({ state: 'hidden' });
  }

  /** Opens the palette. F1 is lost while the workbench is still settling, so it is pressed until the box is there. */
  async openPalette(): Promise<void> {
    await waitFor('the command palette', async () => {
      await this.page.keyboard.press('F1');
      await this.box.waitFor({ state: 'visible', timeout: 2_000 });
      return (await this.value()).startsWith('>');
    });
  }
}
