// undici's parts are imported one by one, because its index installs a process-wide dispatcher that would take over
// `fetch` in every extension of the host. Deep imports have no declarations: these are what we use of undici 8.
declare module 'undici/lib/core/symbols.js' {
  /** The option of a dispatch that is told how to take the request out of the queue again. */
  const kQueuedAbort: unique symbol;
  const symbols: { readonly kQueuedAbort: typeof kQueuedAbort };
  export default symbols;
}

declare module 'undici/lib/dispatcher/pool.js' {
  import type { Duplex } from 'node:stream';
  import type symbols from 'undici/lib/core/symbols.js';

  export interface DispatchController {
    /** Names and values in turn, as they came. */
    readonly rawHeaders: readonly Uint8Array[] | null;
    abort(reason: unknown): void;
  }

  export interface DispatchHandler {
    onRequestStart(controller: DispatchController): void;
    onResponseStart(
      controller: DispatchController,
      statusCode: number,
      headers: Record<string, string | string[] | undefined>,
      statusMessage?: string,
    ): void;
    onResponseData(controller: DispatchController, chunk: Buffer): void;
    onResponseEnd(): void;
    onResponseError(controller: DispatchController | null, error: Error): void;
  }

  export interface PoolOptions {
    connections?: number;
    pipelining?: number;
    /** Milliseconds. */
    keepAliveTimeout?: number;
    /** Milliseconds. */
    keepAliveMaxTimeout?: number;
    /** Milliseconds; 0 is none. */
    headersTimeout?: number;
    /** Milliseconds; 0 is none. */
    bodyTimeout?: number;
    allowH2?: boolean;
    /** What it returns is destroyed when no request waits for the connection any more. */
    connect(options: unknown, callback: (error: Error | null, socket: Duplex | null) => void): Duplex;
  }

  export interface DispatchOptions {
    path: string;
    method: 'GET' | 'POST';
    headers: Record<string, string>;
    body: string | Uint8Array | null;
    [symbols.kQueuedAbort](leaveQueue: (reason: unknown) => void): void;
  }

  export default class Pool {
    constructor(origin: string, options: PoolOptions);
    dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
    destroy(error: Error | null, callback: () => void): void;
  }
}
