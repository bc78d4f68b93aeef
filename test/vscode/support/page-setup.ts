import type { MutationObserverClass, PageDocument } from './page-types.ts';

/** What the page is told before the workbench starts in it. */
export interface PageSetup {
  /** `127.0.0.1:port` of the server. */
  readonly authority: string;
  /** Folders of extensions under development, as `--extensionDevelopmentPath` of the desktop. */
  readonly extensions: readonly string[];
  /** The module whose `run()` the extension host calls, as `--extensionTestsPath` of the desktop. */
  readonly suite: string | undefined;
}

declare const document: PageDocument;
declare const MutationObserver: MutationObserverClass;

/**
 * Runs in the page before anything else in it. Changes the configuration element that the server writes into the page,
 * as a host of VS Code for the Web may; unlike the server's flag for smoke tests this takes several extensions, and
 * dialogs and notifications stay as users have them.
 */
export function setUpPage({ authority, extensions, suite }: PageSetup): void {
  // The plain server has no /mint-key. Without an answer SecretStorage lives in the page's memory, and each use of it
  // waits 1.4 s for retries.
  const realFetch = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.endsWith('/mint-key')) return realFetch(input, init);
    return Promise.resolve(new Response(new Uint8Array(32).fill(7)));
  };

  const remote = (path: string): object => ({ $mid: 1, scheme: 'vscode-remote', authority, path });
  const observer = new MutationObserver(() => {
    const element = document.getElementById('vscode-workbench-web-configuration');
    const text = element?.getAttribute('data-settings');
    if (!element || !text) return;
    observer.disconnect();
    const configuration = JSON.parse(text);
    configuration.developmentOptions = {
      ...configuration.developmentOptions,
      extensions: extensions.map(remote),
      ...(suite && { extensionTestsPath: remote(suite) }),
    };
    configuration._wrapWebWorkerExtHostInIframe = false; // that frame would come from vscode-cdn.net
    if (configuration.productConfiguration) {
      delete configuration.productConfiguration.serviceWorker;
      configuration.productConfiguration.extensionsGallery = null;
      configuration.productConfiguration.enableTelemetry = false;
    }
    element.setAttribute('data-settings', JSON.stringify(configuration));
  });
  observer.observe(document, { childList: true, subtree: true });
}
