// VS Code gives the element of one row to another whenever a list changes. Playwright, which has found the element, then
// clicks whatever stands in it: so the page itself looks at each click, and swallows one that hits another row.
import type { Locator } from 'playwright-core';
import type { PageElement } from './page-types.ts';

/** How long one attempt may take: a row that has moved is looked for again. */
const ATTEMPT_TIMEOUT_MS = 4_000;

/** What tells one row from all others of its list. */
export interface RowMark {
  readonly label: string;
  /** Its place, where labels alone do not tell. */
  readonly index?: number;
}

interface MouseEvent {
  readonly type: string;
  readonly target: PageElement;
  preventDefault(): void;
  stopImmediatePropagation(): void;
}
type Listen = (type: string, listener: (event: MouseEvent) => void, isCapturing: true) => void;
interface GuardedPage {
  readonly addEventListener: Listen;
  readonly removeEventListener: Listen;
  endRowGuard?: () => boolean;
}

/** Clicks on a row or something in it, once. Whether it was that row which got the click; else to be tried again. */
export async function clickInRow(
  row: Locator,
  mark: RowMark,
  click: (row: Locator, timeout: number) => Promise<void>,
): Promise<boolean> {
  const page = row.page();
  await page.evaluate(guardRow, mark);
  const failure = await click(row, ATTEMPT_TIMEOUT_MS).catch((error: Error) => error);
  const isHit = await page.evaluate(() => (globalThis as unknown as GuardedPage).endRowGuard?.());
  if (failure && !isHit) throw failure;
  return isHit === true;
}

/** Runs in the page: from now on only this row gets clicks. */
function guardRow({ label, index }: RowMark): void {
  const page = globalThis as unknown as GuardedPage;
  const types = ['pointerdown', 'mousedown', 'click', 'contextmenu'];
  let isHit = false;
  const look = (event: MouseEvent): void => {
    const row = event.target.closest('.monaco-list-row');
    const isMeant =
      row?.querySelector('.label-name')?.textContent === label &&
      (index === undefined || row.dataset.index === String(index));
    if (isMeant) isHit ||= event.type === 'click' || event.type === 'contextmenu';
    else {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  for (const type of types) page.addEventListener(type, look, true);
  page.endRowGuard = () => {
    for (const type of types) page.removeEventListener(type, look, true);
    return isHit;
  };
}
