// What functions that run in the page use of the DOM. The project's own code is checked without the DOM library, and
// one reference to that library in a test would bring it back for all files.

/** An element, as far as the tests look at one. */
export interface PageElement {
  readonly textContent: string | null;
  readonly innerText: string;
  readonly classList: Iterable<string> & { contains(name: string): boolean };
  readonly style: { readonly top: string };
  readonly dataset: { readonly [name: string]: string | undefined };
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** `document`. */
export interface PageDocument extends PageElement {
  readonly cookie: string;
  readonly body: PageElement;
  getElementById(id: string): PageElement | null;
}

/** `getComputedStyle`. */
export type GetComputedStyle = (element: PageElement) => {
  readonly color: string;
  readonly backgroundImage: string;
  readonly opacity: string;
};

/** `MutationObserver`. */
export type MutationObserverClass = new (
  callback: () => void,
) => {
  observe(target: PageElement, options: Record<string, boolean>): void;
  disconnect(): void;
};
