/**
 * The error classes of the core. Each derives directly from {@link BtRpcError}, so that one `instanceof` tells the
 * kinds apart; `name` is the class name, `cause` the underlying error, and `info` what the other side said.
 */

/** What every error of the core takes besides its message. */
export interface BtRpcErrorOptions {
  /** The underlying error; already free of secrets. */
  cause?: unknown;
  /** What the other side said, machine-readable. */
  info?: unknown;
}

/** The base of all errors that the core throws. */
export class BtRpcError extends Error {
  /** What the other side said, machine-readable; undefined where there is nothing to say. */
  readonly info: unknown;

  // On the prototype, so that it stands in the stack's first line and util.inspect does not print it twice.
  static {
    BtRpcError.prototype.name = 'BtRpcError';
  }

  constructor(message: string, { cause, info }: BtRpcErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.info = info;
  }
}

/** One entry of {@link RPCError.translate}: an error as it is, or a class with a text in which `\1` is a group. */
export type Translation = Error | readonly [new (message: string) => Error, string];

/** The daemon, or whatever answered in its place, said no: its words, and all else it said in `info`. */
export class RPCError extends BtRpcError {
  static {
    RPCError.prototype.name = 'RPCError';
  }

  constructor(message: string, info?: unknown, options?: { cause?: unknown }) {
    super(message, { ...options, info });
  }

  /**
   * A more specific error for this one.
   *
   * @param patterns sources of regular expressions and what each stands for. The first that matches the message
   *   (anywhere in it) decides: the error given, or a new one of the class given, `\1` … `\9` in its text filled in.
   * @returns the error that the first matching pattern names, or this error itself where none matches.
   */
  translate(patterns: Readonly<Record<string, Translation>>): Error {
    for (const [pattern, translation] of Object.entries(patterns)) {
      const match = new RegExp(pattern).exec(this.message);
      if (!match) continue;
      if (translation instanceof Error) return translation;
      const [ErrorClass, text] = translation;
      return new ErrorClass(text.replace(/\\(\d)/g, (_, group: string) => match[Number(group)] ?? ''));
    }
    return this;
  }
}

/** The error for an answer beyond one of our limits. */
export function responseTooLarge(limit: number, unit: 'bytes' | 'values' = 'bytes'): RPCError {
  return new RPCError(`Response too large: more than ${limit} ${unit}`);
}

/** The daemon cannot be reached, or the connection to it broke. */
export class ConnectionError extends BtRpcError {
  static {
    ConnectionError.prototype.name = 'ConnectionError';
  }
}

/** The daemon refuses our credentials, or has none of ours. */
export class AuthenticationError extends BtRpcError {
  static {
    AuthenticationError.prototype.name = 'AuthenticationError';
  }
}

/** `connect()`, `disconnect()` or `call()` took longer than the client's `timeout`. */
export class TimeoutError extends BtRpcError {
  static {
    TimeoutError.prototype.name = 'TimeoutError';
  }
}

/** An argument, property or URL that cannot be used; nothing was sent. */
export class ValueError extends BtRpcError {
  static {
    ValueError.prototype.name = 'ValueError';
  }
}

/** The client's protocol has no such thing. */
export class NotImplementedError extends BtRpcError {
  static {
    NotImplementedError.prototype.name = 'NotImplementedError';
  }
}
