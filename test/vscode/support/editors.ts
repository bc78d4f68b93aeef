import type { Locator, Page } from 'playwright-core';
import type { PageElement } from './page-types.ts';
import { eventually, waitFor } from './wait.ts';

/** A tab of an editor group. */
export interface Tab {
  readonly name: string;
  /** With the group and what decorates the tab. */
  readonly aria: string;
  readonly active: boolean;
  readonly dirty: boolean;
}

declare const navigator: {
  clipboard: { writeText(text: string): Promise<void>; readText(): Promise<string> };
};

/** The whole text of a Monaco editor. The page holds the lines on screen only, so it comes through the clipboard. */
export async function wholeText(page: Page, editor: Locator): Promise<string> {
  const NONE = '\u0000';
  await editor.waitFor();
  await page.evaluate(none => navigator.clipboard.writeText(none), NONE);
  await editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+C');
  const text = await waitFor('the text in the clipboard', async () => {
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    return copied === NONE ? undefined : { copied };
  });
  await page.keyboard.press('ControlOrMeta+Home'); // selecting all had scrolled to the end
  return text.copied;
}

/** The lines of a Monaco editor that are on screen. */
export function visibleText(editor: Locator): Promise<string> {
  return editor.locator('.view-lines').evaluate((lines: PageElement) =>
    [...lines.querySelectorAll('.view-line')]
      .sort((a, b) => Number.parseFloat(a.style.top) - Number.parseFloat(b.style.top))
      .map(line => (line.textContent ?? '').replaceAll('\u00a0', ' '))
      .join('\n'),
  );
}

/** The editor area. */
export class Editors {
  readonly page: Page;
  /** The text editor of the active group. */
  readonly active: Locator;

  constructor(page: Page) {
    this.page = page;
    this.active = page.locator('.editor-group-container.active .monaco-editor[role="code"]').first();
  }

  tabs(): Promise<Tab[]> {
    return this.page.locator('.tabs-container .tab').evaluateAll((tabs: PageElement[]) =>
      tabs.map(tab => ({
        name: tab.getAttribute('data-resource-name') ?? '',
        aria: tab.getAttribute('aria-label') ?? '',
        active: tab.classList.contains('active'),
        dirty: tab.classList.contains('dirty'),
      })),
    );
  }

  /** How many editor groups there are. */
  groups(): Promise<number> {
    return this.page.locator('.editor-group-container').count();
  }

  /** Waits until the tab of this name is active, and its text in the editor, which comes a little later. */
  async waitForTab(name: string, timeoutMs?: number): Promise<void> {
    const look = async (): Promise<boolean> => {
      const isActive = (await this.tabs()).some(tab => tab.active && tab.name === name);
      return isActive && (await this.#shownFile()) === name;
    };
    await waitFor(`the tab ${name}`, look, timeoutMs);
  }

  async #shownFile(): Promise<string> {
    const uri = (await this.active.getAttribute('data-uri')) ?? '';
    return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  }

  /** The whole text of the active editor. */
  text(): Promise<string> {
    return wholeText(this.page, this.active);
  }

  /** Reads the active editor until what is asserted of its text holds. */
  eventually(what: string, check: (text: string) => void): Promise<void> {
    return eventually(`${what} in the editor`, async () => check(await this.text()));
  }

  /** The lines of the active editor that are on screen. */
  visibleText(): Promise<string> {
    return visibleText(this.active);
  }

  /** Types into the active editor at its cursor. */
  async type(text: string): Promise<void> {
    await this.active.locator('.view-lines').click();
    await this.page.keyboard.type(text);
  }

  /** What VS Code says beside the cursor, such as that the document is read-only. */
  async overlayMessage(): Promise<string> {
    const message = this.page.locator('.monaco-editor-overlaymessage .message');
    await message.waitFor();
    return (await message.innerText()).trim();
  }

  /** A code lens of the active editor. */
  codeLens(title: string): Locator {
    return this.active.locator('.codelens-decoration a').filter({ hasText: title });
  }

  /** The labels of the completions that VS Code offers at the cursor, asked for with Ctrl+Space. */
  async completions(): Promise<string[]> {
    await this.page.keyboard.press('Control+Space');
    const rows = this.page.locator('.suggest-widget.visible .monaco-list-row .label-name');
    await rows.first().waitFor();
    return rows.allInnerTexts();
  }
}
