// What the browser keeps for the workbench: a test looks for secrets in it.
import type { Page } from 'playwright-core';
import type { PageDocument } from './page-types.ts';

interface StorageRequest<T> {
  result: T;
  error: unknown;
  onsuccess: () => void;
  onerror: () => void;
}
interface ObjectStore {
  getAllKeys(): StorageRequest<unknown[]>;
  getAll(): StorageRequest<unknown[]>;
}
interface Database {
  readonly objectStoreNames: Iterable<string>;
  transaction(store: string): { objectStore(name: string): ObjectStore };
  close(): void;
}

declare const document: PageDocument;
declare const localStorage: Record<string, string>;
declare const sessionStorage: Record<string, string>;
declare const indexedDB: {
  databases(): Promise<{ name: string }[]>;
  open(name: string): StorageRequest<Database>;
};

/** Local and session storage, cookies and every database of the page's origin, by place; bytes read as UTF-8. */
export function browserStorage(page: Page): Promise<Record<string, string>> {
  return page.evaluate(async () => {
    const done = <T>(request: StorageRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const isBytes = (value: unknown): value is Uint8Array =>
      value instanceof Uint8Array || value instanceof ArrayBuffer;
    const show = (value: unknown): string => {
      if (isBytes(value)) return new TextDecoder().decode(value);
      if (typeof value === 'string') return value;
      return (
        JSON.stringify(value, (_, inner) => (isBytes(inner) ? new TextDecoder().decode(inner) : inner)) ?? ''
      );
    };

    const found: Record<string, string> = { cookies: document.cookie };
    for (const [key, value] of Object.entries(localStorage)) found[`localStorage ${key}`] = value;
    for (const [key, value] of Object.entries(sessionStorage)) found[`sessionStorage ${key}`] = value;
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([done(objects.getAllKeys()), done(objects.getAll())]);
        keys.forEach((key, at) => {
          found[`indexedDB ${name} ${store} ${key}`] = show(values[at]);
        });
      }
      database.close();
    }
    return found;
  });
}
