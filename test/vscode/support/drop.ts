import type { Locator } from 'playwright-core';

/** What is dropped: a file with its content, a text, or the address of a file in VS Code. */
export interface DroppedData {
  readonly file?: { readonly name: string; readonly base64: string };
  readonly text?: string;
  readonly uri?: string;
}

/** Drops on a row as a browser does. */
export async function dropOn(row: Locator, dropped: DroppedData): Promise<void> {
  const dataTransfer = await row.page().evaluateHandle(makeDataTransfer, dropped);
  for (const event of ['dragenter', 'dragover', 'drop'])
    await row.dispatchEvent(event, { dataTransfer, bubbles: true, cancelable: true });
}

/** Runs in the page. */
function makeDataTransfer({ file, text, uri }: DroppedData): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: of a browser, whose types are not those of Node
  const page = globalThis as any;
  const data = new page.DataTransfer();
  if (file)
    data.items.add(
      new page.File([page.Uint8Array.from(atob(file.base64), (c: string) => c.charCodeAt(0))], file.name),
    );
  if (text) data.setData('text/plain', text);
  if (uri) data.setData('text/uri-list', uri);
  return data;
}
