import type { Locator, Page } from 'playwright-core';
import { visibleText, wholeText } from './editors.ts';
import { eventually, waitFor } from './wait.ts';

/** The Output panel. A command of the extension, or `Output: Show Output Channels…`, opens it. */
export class Output {
  readonly page: Page;
  readonly editor: Locator;

  constructor(page: Page) {
    this.page = page;
    this.editor = page.locator('.part.panel .output-view .monaco-editor').first();
  }

  /** Waits until a channel of this name is shown. */
  async waitForChannel(name: RegExp): Promise<void> {
    const select = this.page.locator('.part.panel .title select');
    await waitFor(`the channel ${name}`, async () => name.test(await select.inputValue()));
  }

  /** Reads the whole text of the channel until what is asserted of it holds: lines come to the panel by a file. */
  eventually(what: string, check: (text: string) => void): Promise<void> {
    return eventually(`${what} in the output`, async () => check(await wholeText(this.page, this.editor)));
  }

  /** Waits until lines on screen match, and returns these. The panel follows the end of the channel. */
  async waitFor(pattern: RegExp): Promise<string> {
    await this.editor.waitFor();
    return waitFor(`${pattern} in the output`, async () => {
      const text = await visibleText(this.editor);
      return pattern.test(text) ? text : undefined;
    });
  }
}
