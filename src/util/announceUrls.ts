/** Keeps what announce URLs hold out of the log: on private trackers it is a secret of the user's. */

/**
 * An address of a kind that trackers have, as it stands, in JSON with its slashes escaped, or percent-encoded; its host,
 * maybe with a log-in, and the rest.
 */
const URLS =
  /\b(https?|udp|wss?)(:(?:\/\/|\\\/\\\/)|%3A%2F%2F)((?:(?!%2F|%3F)[^\s"'<>/\\?#])*)((?:[/\\?]|%2F|%3F)[^\s"'<>#]*)?/gi;
/** A `.torrent` file holds such addresses too; nobody reads base64 of this length. */
const BASE64 = /[A-Za-z0-9+/]{200,}={0,2}/g;

/** A text in which addresses have nothing but their host; a file in it is left out. */
export function maskAnnounceUrls(text: string): string {
  return text
    .replace(URLS, (_, scheme: string, colon: string, host: string, rest: string | undefined) => {
      const withoutLogin = host.replace(/^.*(?:@|%40)/i, '');
      return `${scheme}${colon}${withoutLogin}${rest === undefined ? '' : '/…'}`;
    })
    .replace(BASE64, '…');
}

/** The message of an error without them: a daemon that cannot fetch a torrent names the address. Our own errors do not. */
export function maskInError({ name, message }: Error): string {
  return name === 'RPCError' ? maskAnnounceUrls(message) : message;
}
