import type { Locator, Page } from 'playwright-core';
import { visibleText, wholeText } from './editors.ts';
import { waitFor } from './wait.ts';

/** The Output panel. A command of the extension, or `Output: Show Output Channels…`, opens it. */
export class Output {
  readonly page: Page;
  readonly editor: Locator;

  constructor(page: Page) {
    this.page = page;
    this.editor = page.locator('.part.panel .output-view .monaco-editor').first();
  }

  /** The name of the channel that is shown. */
  async channel(): Promise<string> {
    const select = this.page.locator('.part.panel .title select');
    await select.waitFor();
    return select.inputValue();
  }

  /** The whole text of the channel that is shown. */
  text(): Promise<string> {
    return wholeText(this.page, this.editor);
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
