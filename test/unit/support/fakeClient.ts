// A client whose daemon is the test: each opening and each call waits until the test says how it goes.
import { RPCBase, type Session, type SessionContext } from '../../../src/rpc/base.ts';
import type { ClientOptions } from '../../../src/rpc/options.ts';
import { TransmissionURL } from '../../../src/rpc/url.ts';

/** A call, or a log-out, that has reached the daemon. */
export interface Reached<T> {
  readonly signal: AbortSignal;
  answer(value: T): void;
  fail(error: Error): void;
}

/** A connection to the test. */
export class FakeSession implements Session {
  readonly context: SessionContext;
  readonly calls: Reached<string>[] = [];
  readonly closes: Reached<void>[] = [];
  isDestroyed = false;
  /** Log-outs are over at once, unless this is set. */
  hangsOnClose = false;

  constructor(context: SessionContext) {
    this.context = context;
  }

  call(signal: AbortSignal): Promise<string> {
    return reach(this.calls, signal);
  }

  close(signal: AbortSignal): Promise<void> {
    const closed = reach(this.closes, signal);
    if (!this.hangsOnClose) this.closes.at(-1)?.answer();
    return closed;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

/** An `open()` on its way. */
export interface Opening {
  readonly context: SessionContext;
  readonly session: FakeSession;
  succeed(): void;
  fail(error: Error): void;
}

/** The client; `isOpen` lets every opening succeed at once. */
export class FakeRPC extends RPCBase<FakeSession> {
  static override readonly clientName = 'fake';
  static override readonly label = 'Fake';
  static override readonly URL = TransmissionURL;
  readonly openings: Opening[] = [];
  /** Each event with the status that its listener read. */
  readonly heard: string[] = [];
  isOpen = true;

  constructor(options?: ClientOptions | string) {
    super(options);
    for (const event of ['connecting', 'connected', 'disconnected'] as const) {
      this.on(event, () => this.heard.push(event === this.status ? event : `${event} as ${this.status}`));
    }
  }

  call(signal?: AbortSignal): Promise<string> {
    return this.perform(signal, (session, ending) => session.call(ending));
  }

  /** The last session that was opened or is to be. */
  get session(): FakeSession {
    return this.opening.session;
  }

  /** The last opening. */
  get opening(): Opening {
    const opening = this.openings.at(-1);
    if (!opening) throw new Error('Nobody has connected');
    return opening;
  }

  protected override open(context: SessionContext): Promise<FakeSession> {
    const { promise, resolve, reject } = Promise.withResolvers<FakeSession>();
    const session = new FakeSession(context);
    this.openings.push({ context, session, succeed: () => resolve(session), fail: reject });
    if (this.isOpen) resolve(session);
    return promise;
  }
}

/** A fake client with API keys, as qBittorrent's has. */
export class KeyedRPC extends FakeRPC {
  protected override get takesApiKey(): boolean {
    return true;
  }
}

function reach<T>(list: Reached<T>[], signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  list.push({ signal, answer: resolve, fail: reject });
  return promise;
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>(resolve => setImmediate(resolve));
}
