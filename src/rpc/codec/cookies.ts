/** The cookies of one server, as far as a session needs them (RFC 6265, without paths and domains). */

/** Values of former cookies that are still known as secrets: answers on their way may echo them. */
const REMEMBERED = 64;
/** Cookies, and characters of one: as many as a browser must take (RFC 6265, section 6.1). */
const MOST_COOKIES = 50;
const LONGEST_COOKIE = 4096;

/** Keeps what the server sets, whatever it is called, and gives it back as it came. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();
  readonly #former: string[] = [];

  /** The header to send; undefined where there is nothing to send. */
  get header(): string | undefined {
    return this.#cookies.size > 0 ? [...this.#cookies].map(pair => pair.join('=')).join('; ') : undefined;
  }

  /** The values of these cookies and of the last ones before. */
  get secrets(): readonly string[] {
    return [...this.#cookies.values(), ...this.#former];
  }

  /** Takes over what the `Set-Cookie` headers of an answer say. */
  take(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';').map(part => part.trim());
      const [, name, value] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
      if (!name || value === undefined || pair.length > LONGEST_COOKIE) continue;
      const former = this.#cookies.get(name);
      if (former === value) continue;
      if (former !== undefined) this.#remember(former);
      if (value === '' || attributes.some(isOver)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
      if (this.#cookies.size > MOST_COOKIES)
        this.#cookies.delete(this.#cookies.keys().next().value as string);
    }
  }

  #remember(value: string): void {
    this.#former.push(value);
    if (this.#former.length > REMEMBERED) this.#former.shift();
  }
}

/** Whether an attribute ends the cookie at once. A date counts only when it is no time of anybody's clock. */
function isOver(attribute: string): boolean {
  return /^(max-age\s*=\s*(0|-.*)|expires\s*=.*\b1970\b.*)$/i.test(attribute);
}
