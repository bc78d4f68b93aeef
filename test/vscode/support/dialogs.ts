import type { Locator, Page } from 'playwright-core';
import type { MutationObserverClass, PageDocument, PageElement } from './page-types.ts';
import { exactly } from './wait.ts';

/** What a modal dialog says. The buttons are in the order of the screen, which is the platform's. */
export interface DialogText {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
}

/** The modal dialog. */
export class Dialog {
  readonly box: Locator;

  constructor(page: Page) {
    this.box = page.locator('.monaco-dialog-box');
  }

  /** Waits for a dialog and reads it. */
  async read(): Promise<DialogText> {
    await this.box.waitFor();
    const text = async (selector: string): Promise<string> =>
      (await this.box.locator(selector).allInnerTexts()).join('');
    return {
      message: await text('.dialog-message-text'),
      detail: await text('.dialog-message-detail'),
      buttons: await this.box.locator('.dialog-buttons .monaco-button').allInnerTexts(),
    };
  }

  /** Presses a button and waits until the dialog is gone; another may be in its place by then. */
  async press(button: string): Promise<void> {
    const found = this.box.locator('.dialog-buttons .monaco-button').filter({ hasText: exactly(button) });
    const pressed = await found.elementHandle();
    await found.click();
    await pressed?.waitForElementState('hidden');
  }

  async isOpen(): Promise<boolean> {
    return (await this.box.count()) > 0;
  }
}

declare const document: PageDocument;
declare const MutationObserver: MutationObserverClass;

/** The notifications at the lower right. */
export class Notifications {
  readonly page: Page;
  readonly toasts: Locator;

  constructor(page: Page) {
    this.page = page;
    this.toasts = page.locator('.notifications-toasts .notification-list-item');
  }

  /** The notification that contains this text; `waitFor()` it, or expect it to go with `waitFor({ state: 'detached' })`. */
  toast(text: string | RegExp): Locator {
    return this.toasts.filter({ hasText: text }).first();
  }

  /** The texts on screen, with severity (`error`, `warning`, `info`). */
  read(): Promise<{ readonly text: string; readonly severity: string; readonly buttons: string[] }[]> {
    return this.toasts.evaluateAll((toasts: PageElement[]) =>
      toasts.map(toast => {
        const icon = toast.querySelector('.notification-list-item-icon')?.getAttribute('class') ?? '';
        const buttons = toast.querySelectorAll('.notification-list-item-buttons-container .monaco-button');
        return {
          text: toast.querySelector('.notification-list-item-message')?.innerText ?? '',
          severity: /codicon-(error|warning|info)/.exec(icon)?.[1] ?? '',
          buttons: [...buttons].map(button => button.innerText),
        };
      }),
    );
  }

  /** Waits for a notification and presses one of its buttons. */
  async press(text: string | RegExp, button: string): Promise<void> {
    const toast = this.toast(text);
    await toast.hover(); // some buttons show then only
    await toast
      .locator('.notification-list-item-buttons-container .monaco-button')
      .filter({ hasText: exactly(button) })
      .click();
  }

  /** From now on remembers every text a notification shows: a short progress is gone before one can look. */
  async record(): Promise<void> {
    await this.page.evaluate(() => {
      const page = globalThis as { toastsSeen?: string[] };
      page.toastsSeen = [];
      const look = (): void => {
        for (const message of document.querySelectorAll(
          '.notifications-toasts .notification-list-item-message',
        )) {
          const text = message.textContent;
          if (text && !page.toastsSeen?.includes(text)) page.toastsSeen?.push(text);
        }
      };
      new MutationObserver(look).observe(document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
  }

  /** All texts since `record()`, each once. */
  recorded(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as { toastsSeen?: string[] }).toastsSeen ?? []);
  }
}
