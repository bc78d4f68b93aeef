// undici's parts are imported one by one, because its index installs a process-wide dispatcher that would take over
// `fetch` in every extension of the host. Deep imports have no declarations: these are what we use of undici 8.
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Duplex } from 'node:stream';

  export interface DispatchController {
    abort(reason: unknown): void;
  }

  export interface DispatchHandler {
    onRequestStart(controller: DispatchController): void;
    onResponseStart(
      controller: DispatchController,
      statusCode: number,
      headers: Record<string, string | string[] | undefined>,
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
    connect(options: unknown, callback: (error: Error | null, socket: Duplex | null) => void): void;
  }

  export interface DispatchOptions {
    path: string;
    method: 'GET' | 'POST';
    headers: Record<string, string>;
    body: string | Uint8Array | null;
  }

  export default class Pool {
    constructor(origin: string, options: PoolOptions);
    dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
    destroy(error: Error | null, callback: () => void): void;
  }
}
