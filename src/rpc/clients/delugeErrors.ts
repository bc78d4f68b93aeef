/** What a Deluge daemon's exceptions mean. */
import type { DelugeError } from '../codec/deluge.ts';
import { AuthenticationError, type BtRpcError, RPCError } from '../errors.ts';
import type { Masker } from '../mask.ts';

/** What an exception of the daemon's means. */
export function toError(error: DelugeError, masker: Masker): BtRpcError {
  const info = masker.value(error) as DelugeError;
  const [first, second] = info.args;
  switch (error.class) {
    case 'BadLoginError':
    case 'AuthenticationRequired':
      return new AuthenticationError('Authentication failed', { info });
    case 'NotAuthorizedError':
      return notAuthorized(first, second, info);
    default:
      return new RPCError((typeof first === 'string' && first) || info.class || 'Unknown error', info);
  }
}

/** The error for an account that may not do what it wants to. */
export function notAuthorized(level: unknown, needed: unknown, info?: DelugeError): AuthenticationError {
  const message = `Not authorized: Your authorization level is ${level}, but you need ${needed}`;
  return new AuthenticationError(message, { info });
}

/** Whether it says that there is no such account. */
export function isUserUnknown({ args: [first] }: DelugeError): boolean {
  return typeof first === 'string' && first.startsWith('Username does not exist');
}
