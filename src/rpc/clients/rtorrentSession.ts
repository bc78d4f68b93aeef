/** The way to an rTorrent: SCGI itself, or a web server that passes requests on to it. */
import type { Session, SessionContext } from '../base.ts';
import { encodeCall, type XmlRpcFault } from '../codec/xmlrpc.ts';
import { decodeResponse, readResults, type XmlRpcAnswer } from '../codec/xmlrpcDecode.ts';
import { AuthenticationError, ConnectionError, RPCError } from '../errors.ts';
import { decodeUtf8 } from '../json.ts';
import type { Masker } from '../mask.ts';
import { peerOf, tooLarge, unexpectedResponse } from '../transport/failures.ts';
import { type HttpResponse, HttpTransport, redirected, unexpectedStatus } from '../transport/http.ts';
import { ScgiTransport } from '../transport/scgi.ts';
import type { RpcValue } from '../values.ts';

/** A method that each rTorrent has, with a short answer, and that changes nothing. */
const PROBE = 'system.client_version';
/** Bytes from which on rTorrent 0.9.8 closes the connection without a word; 0.16 takes 16 MiB. */
const SCGI_LIMIT = 2 * 1024 * 1024;

/** What carries XML to the daemon and back. */
interface Carrier {
  request<T>(method: string, xml: Buffer, signal: AbortSignal, read: (xml: Buffer) => T): Promise<T>;
  destroy(): void;
}

/** No connection, for each request has its own: the way to the daemon, and that it has answered. */
export class RtorrentSession implements Session {
  readonly #context: SessionContext;
  readonly #carrier: Carrier;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#carrier = /^https?$/.test(context.url.scheme ?? '')
      ? new HttpCarrier(context)
      : new ScgiTransport(context);
  }

  /** Sees that XML-RPC answers. A fault is an answer too: a web server may mark us as untrusted, and so as not allowed. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#ask(PROBE, encodeCall(PROBE, []), signal, () => {});
  }

  async call(method: string, xml: string, signal: AbortSignal): Promise<RpcValue> {
    return this.#ask(method, xml, signal, answer => this.#valueOf(answer));
  }

  /** What each call gave: its value, or an error. */
  async multicall(xml: string, count: number, signal: AbortSignal): Promise<(RpcValue | RPCError)[]> {
    return this.#ask('system.multicall', xml, signal, answer =>
      readResults(this.#valueOf(answer), count).map(result =>
        'fault' in result ? this.#toError(result.fault) : result.value,
      ),
    );
  }

  async close(): Promise<void> {
    // The protocol has no log-out.
  }

  destroy(): void {
    this.#carrier.destroy();
  }

  async #ask<T>(
    method: string,
    xml: string,
    signal: AbortSignal,
    read: (answer: XmlRpcAnswer) => T,
  ): Promise<T> {
    const request = Buffer.from(xml);
    const masker = () => this.#context.masker();
    return this.#carrier.request(method, request, signal, response => {
      const text = decodeUtf8(response);
      try {
        const answer = decodeResponse(text);
        const limit = 'fault' in answer && sizeLimitIn(answer.fault);
        if (!limit) return read(answer);
        throw tooLarge(request.length, `rTorrent (${limit})`, masker().value(answer.fault));
      } catch (error) {
        throw error instanceof SyntaxError ? unexpectedResponse(text, masker()) : error;
      }
    });
  }

  #valueOf(answer: XmlRpcAnswer): RpcValue {
    if ('fault' in answer) throw this.#toError(answer.fault);
    return answer.value;
  }

  #toError(fault: XmlRpcFault): RPCError {
    const masker = this.#context.masker();
    return new RPCError(masker.excerpt(fault.faultString) || 'Call failed', masker.value(fault));
  }
}

/** The limit that a request was beyond: `XML-RPC request too large.  Max allowed is 524288 bytes` (0.9.8). */
function sizeLimitIn({ faultCode, faultString }: XmlRpcFault): string | undefined {
  if (faultCode !== -503 || !/request too large/i.test(faultString)) return undefined;
  const [bytes] = /\d+(?= bytes)/.exec(faultString) ?? [];
  return `network.xmlrpc.size_limit${bytes ? `, ${bytes} bytes` : ''}`;
}

/** Through a web server, such as nginx with `scgi_pass`. */
class HttpCarrier implements Carrier {
  readonly #context: SessionContext;
  readonly #http: HttpTransport;
  readonly #credentials: string | undefined;

  constructor(context: SessionContext) {
    const { username, password } = context.url;
    this.#context = context;
    if (username || password) {
      this.#credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
    }
    this.#http = new HttpTransport(context, () => this.#masker());
  }

  async request<T>(name: string, xml: Buffer, signal: AbortSignal, read: (xml: Buffer) => T): Promise<T> {
    const headers = {
      // 0.16 knows two types, and closes the connection at any other.
      'content-type': 'text/xml',
      ...(this.#credentials === undefined ? {} : { authorization: `Basic ${this.#credentials}` }),
    };
    const path = this.#context.url.path ?? '/';
    try {
      return await this.#http.request(
        { name, kind: 'xml', method: 'POST', path, headers, body: xml },
        signal,
        response => {
          if (response.status !== 200) throw this.#refusal(response, xml.length);
          return read(response.body);
        },
      );
    } catch (error) {
      // The password was changed: each that follows would only be one more wrong one.
      if (error instanceof AuthenticationError) this.#context.lost(error);
      throw error;
    }
  }

  destroy(): void {
    this.#http.destroy();
  }

  /** What the status of a web server means (nginx 1.22, as observed). */
  #refusal(response: HttpResponse, sentBytes: number): Error {
    const { status } = response;
    const info = { status };
    const peer = peerOf(this.#context.url);
    if (status === 401) return new AuthenticationError('Authentication failed');
    if (status === 413) return tooLarge(sentBytes, peer, info);
    // All that the web server sees is that the connection was closed.
    if (status === 502 && sentBytes > SCGI_LIMIT) return tooLarge(sentBytes, 'rTorrent', info);
    if (status >= 502 && status <= 504) {
      return new ConnectionError(`rTorrent does not answer the web server ${this.#context.url.address}`, {
        info,
      });
    }
    if (status >= 300 && status < 400) return redirected(response, this.#masker());
    return unexpectedStatus(response, this.#masker(), info);
  }

  #masker(): Masker {
    return this.#context.masker(this.#credentials);
  }
}
