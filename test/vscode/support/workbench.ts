import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Locator,
  type Page,
  type PageScreenshotOptions,
} from 'playwright-core';
import { Dialog, Notifications } from './dialogs.ts';
import { Editors } from './editors.ts';
import { Output } from './output.ts';
import { setUpPage } from './page-setup.ts';
import { QuickInput } from './quick-input.ts';
import { browserStorage } from './storage.ts';
import { View } from './view.ts';
import { STATE_TIMEOUT_MS, waitFor } from './wait.ts';

const OPEN_TIMEOUT_MS = 60_000;

/** What a workbench is opened with. */
export interface WorkbenchOptions {
  /** The server's port on 127.0.0.1. */
  readonly port: number;
  /** The folder to open; without one the window is empty. */
  readonly folder?: string;
  /** Folders of extensions under development. */
  readonly extensions?: readonly string[];
  /** A module whose `run()` the extension host calls, and what hears its console and its end. */
  readonly suite?: { readonly path: string; onLog(line: string): void; onExit(code: number): void };
  /** The browser's profile to use again: storage and with it secrets are kept there. */
  readonly context?: BrowserContext;
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts Debian's Chromium without a window. It ends with this process, as playwright sees to. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--force-color-profile=srgb',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', // no name is looked for outside of this machine
    ],
  });
}

/** VS Code's window. One method per thing that a person does or sees; all wait for what they need. */
export class Workbench {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly quickInput: QuickInput;
  readonly dialog: Dialog;
  readonly notifications: Notifications;
  readonly editors: Editors;
  readonly output: Output;
  /** What the page has written to its console. */
  readonly consoleLines: string[] = [];

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.context = context;
    this.quickInput = new QuickInput(page);
    this.dialog = new Dialog(page);
    this.notifications = new Notifications(page);
    this.editors = new Editors(page);
    this.output = new Output(page);
    page.setDefaultTimeout(STATE_TIMEOUT_MS);
    page.on('console', message => this.consoleLines.push(`[${message.type()}] ${message.text()}`));
    page.on('pageerror', error => this.consoleLines.push(`[pageerror] ${error}`));
  }

  /** Opens the page and waits until the workbench is on screen. */
  static async open(browser: Browser, options: WorkbenchOptions): Promise<Workbench> {
    const { port, folder, suite, extensions = [], viewport = { width: 1280, height: 800 } } = options;
    const context =
      options.context ??
      (await browser.newContext({
        viewport,
        locale: 'en-US',
        permissions: ['clipboard-read', 'clipboard-write'],
      }));
    const page = await context.newPage();
    const workbench = new Workbench(page, context);
    if (suite) {
      // the two functions that VS Code's web workbench looks for when it runs a suite
      await page.exposeFunction('codeAutomationLog', (_: string, values: unknown[]) =>
        suite.onLog(values.map(String).join(' ')),
      );
      await page.exposeFunction('codeAutomationExit', (code: number) => suite.onExit(code));
    }
    await page.addInitScript(setUpPage, { authority: `127.0.0.1:${port}`, extensions, suite: suite?.path });
    const query = folder ? `folder=${encodeURIComponent(folder)}` : 'ew=true';
    await workbench.#goTo(`http://127.0.0.1:${port}/?${query}`);
    return workbench;
  }

  /** Opens an address as it stands, as a person does who was told it. */
  static async visit(browser: Browser, address: string): Promise<Workbench> {
    const context = await browser.newContext({ locale: 'en-US' });
    const workbench = new Workbench(await context.newPage(), context);
    await workbench.#goTo(address);
    return workbench;
  }

  async #goTo(address: string): Promise<void> {
    await this.page.goto(address, { waitUntil: 'commit' });
    await this.#onScreen();
  }

  async #onScreen(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.activitybar').waitFor({ timeout: OPEN_TIMEOUT_MS });
  }

  /** Loads the page again, which also starts the extension host again; state and secrets stay. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'commit' });
    await this.#onScreen();
  }

  /** Runs a command by its title in the palette, `BT RPC: Add Client…`. */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.openPalette();
    await this.quickInput.fill(`>${title}`);
    await this.quickInput.pick(title);
  }

  /** The commands that the palette shows for a text. */
  async findCommands(text: string): Promise<string[]> {
    await this.quickInput.openPalette();
    await this.quickInput.fill(`>${text}`);
    const items = await this.quickInput.items();
    await this.quickInput.cancel();
    return items.map(item => item.label);
  }

  /** The button of a view container in the activity bar. */
  container(title: string): Locator {
    const link = this.page.locator(`a.action-label[aria-label^=${JSON.stringify(title)}]`);
    return this.page.locator('.part.activitybar .composite-bar li.action-item').filter({ has: link });
  }

  /** Closes dialogs, menus and boxes that are open, and all notifications. */
  async closeWhatIsOpen(): Promise<void> {
    const open = this.page
      .locator('.monaco-dialog-box, .monaco-menu, .quick-input-widget')
      .filter({ visible: true });
    await waitFor('nothing open', async () => {
      if ((await open.count()) === 0) return true;
      const isBox = !(await this.dialog.isOpen()) && (await this.quickInput.box.isVisible());
      await (isBox ? this.quickInput.cancel() : this.page.keyboard.press('Escape'));
      return false;
    });
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** Shows a view container by its title. */
  async openContainer(title: string): Promise<void> {
    const button = this.container(title);
    const shown = this.page.locator('.part.sidebar .composite.title').filter({ hasText: title });
    await button.waitFor();
    await waitFor(`the container ${title}`, async () => {
      if (/\bchecked\b/.test((await button.getAttribute('class')) ?? '') && (await shown.count()))
        return true;
      await button.click();
      await shown.waitFor({ timeout: 2_000 });
      return true;
    });
  }

  /** Waits until the badge of a view container says this, '' for none. */
  async waitForBadge(title: string, text: string): Promise<void> {
    const content = this.container(title).locator('.badge-content');
    await waitFor(
      `the badge ${text} of ${title}`,
      async () => (await content.allInnerTexts()).join('').trim() === text,
    );
  }

  /** A view of the side bar by its name. */
  view(name: string): View {
    return new View(this.page, name);
  }

  /** The item of the status bar that contains this text. */
  statusBarItem(text: string): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text });
  }

  /** Waits until the window has this kind of theme (set `workbench.colorTheme` through the agent). */
  async themeKind(kind: 'vs' | 'vs-dark' | 'hc-black' | 'hc-light'): Promise<void> {
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  /** All that the browser keeps for this origin. */
  browserStorage(): Promise<Record<string, string>> {
    return browserStorage(this.page);
  }

  /** Saves a picture of the window, or of a part of it in pixels. */
  async screenshot(file: string, part?: NonNullable<PageScreenshotOptions['clip']>): Promise<void> {
    await mkdir(path.dirname(file), { recursive: true });
    const clip = part && { clip: part };
    await this.page.screenshot({ path: file, animations: 'disabled', caret: 'hide', ...clip });
  }
}
