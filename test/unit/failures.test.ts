/** What Node, undici and OpenSSL throw, in words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConnectionError, RPCError } from '../../src/rpc/errors.ts';
import { Masker } from '../../src/rpc/mask.ts';
import {
  asciiHost,
  CLOSED,
  otherServer,
  type Peer,
  peerOf,
  toConnectionError,
  tooLarge,
  unexpectedResponse,
} from '../../src/rpc/transport/failures.ts';
import { RtorrentURL, TransmissionURL } from '../../src/rpc/url.ts';

const masker = new Masker(['swordfish']);
const peer: Peer = { host: 'box.test', port: 9091 };
const withCode = (code: string, message = `said ${code}`) => Object.assign(new Error(message), { code });

describe('an error of the transport', () => {
  for (const [code, words, at = peer] of [
    ['ECONNREFUSED', 'Connection refused'],
    ['ECONNRESET', 'Connection reset'],
    ['EPIPE', 'Connection reset'],
    [CLOSED, 'Connection lost'],
    ['UND_ERR_SOCKET', 'Connection lost'],
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'Connection lost'],
    ['ENOTFOUND', 'Name or service not known: box.test'],
    ['EAI_AGAIN', 'Name or service not known: box.test'],
    ['ETIMEDOUT', 'Connection timed out'],
    ['EHOSTUNREACH', 'No route to host'],
    ['ENETUNREACH', 'Network is unreachable'],
    ['ENOENT', 'No such socket: /run/x', { ...peer, socketPath: '/run/x' }],
    ['EINVAL', 'Invalid address: box.test'],
    ['EINVAL', 'Invalid address: /run/x', { ...peer, socketPath: '/run/x' }],
    ['ENOTDIR', 'No such socket: /run/x', { ...peer, socketPath: '/run/x' }],
    ['ENOTSOCK', 'No such socket: /run/x', { ...peer, socketPath: '/run/x' }],
    ['EACCES', 'Permission denied: /run/x', { ...peer, socketPath: '/run/x' }],
    ['ERR_SSL_NO_CIPHERS', 'Connection failed: said ERR_SSL_NO_CIPHERS'],
  ] as const) {
    it(`${code} is ${words}`, () => {
      const error = toConnectionError(withCode(code), at, masker);
      assert.equal(String(error), `ConnectionError: ${words}`);
      assert.equal((error.cause as NodeJS.ErrnoException).code, code);
      assert.equal(error.info, undefined);
    });
  }

  it('of a host with several addresses is that of the first', () => {
    const refused = withCode('ECONNREFUSED', 'connect ECONNREFUSED ::1:9091');
    const error = toConnectionError(new AggregateError([refused, withCode('EHOSTUNREACH')]), peer, masker);
    assert.equal(error.message, 'Connection refused');
    assert.match(String(error.cause), /::1:9091/);
  });

  it('of the resolver is an unknown name, whatever its code', () => {
    const error = Object.assign(withCode('EINVAL'), { syscall: 'getaddrinfo' });
    const { message } = toConnectionError(error, peer, masker);
    assert.equal(message, 'Name or service not known: box.test');
  });

  it('of ours stays as it is', () => {
    const ours = new RPCError('Whatever');
    assert.equal(toConnectionError(ours, peer, masker), ours);
  });

  it('that has no words of ours is masked', () => {
    const error = toConnectionError(new Error('no swordfish'), peer, masker);
    assert.equal(error.message, 'Connection failed: no ***');
    assert.equal(toConnectionError('odd', peer, masker).message, 'Connection failed: odd');
  });

  it('of OpenSSL has its reason, not all of its message', () => {
    const error = withCode(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      '40AD:error:0A00042E:SSL routines:…:918\n',
    );
    Object.assign(error, { library: 'SSL routines', reason: 'tlsv1 alert protocol version' });
    const { message } = toConnectionError(error, peer, masker);
    assert.equal(message, 'Connection failed: tlsv1 alert protocol version');
  });

  it('while a large request was sent says how large', () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', CLOSED]) {
      const error = toConnectionError(withCode(code), peer, masker, 524_289);
      const message =
        'Request too large: 524289 bytes are more than box.test:9091 takes: it closed the connection';
      assert.equal(error.message, message);
      assert.ok(error instanceof ConnectionError);
      // What calls beside it are told.
      const plain = toConnectionError(withCode(code), peer, masker);
      assert.deepEqual([String(error.cause), error.info], [String(plain), undefined]);
      assert.doesNotMatch(toConnectionError(withCode(code), peer, masker, 524_288).message, /large/);
    }
    assert.equal(
      toConnectionError(withCode('ECONNREFUSED'), peer, masker, 1e9).message,
      'Connection refused',
    );
  });
});

it('a request that is too large names size and limit', () => {
  const message = 'Request too large: 700000 bytes are more than rTorrent takes';
  assert.equal(tooLarge(700_000, 'rTorrent').message, message);
  assert.match(
    tooLarge(1, { ...peer, socketPath: '/run/x' }, { status: 413 }).message,
    /than \/run\/x takes$/,
  );
  assert.deepEqual(tooLarge(1, peer, { status: 413 }).info, { status: 413 });
});

it('whom a URL names', () => {
  assert.deepEqual(peerOf(new TransmissionURL('https://box/rpc')), {
    ...{ host: 'box', port: 443, socketPath: undefined },
  });
  assert.equal(peerOf(new RtorrentURL('/run/x')).socketPath, '/run/x');
  assert.equal(asciiHost('bücher.test'), 'xn--bcher-kva.test');
  for (const host of ['box', '127.0.0.1', '::1', 'under_score']) assert.equal(asciiHost(host), host);
});

describe('an answer that no such daemon gives', () => {
  it('is cut, escaped and masked', () => {
    const text = `\x00\u202e\u2028é😀 swordfish ${'x'.repeat(300)}`;
    const { message } = unexpectedResponse(text, masker, { status: 200 });
    const start = 'Unexpected response: \\u{0}\\u{202E}\\u{2028}é😀 *** ';
    assert.equal(message, start + 'x'.repeat(200 - 11));
  });

  // Where excerpts are left out too: the secret is too short to be searched for.
  for (const secret of ['swordfish', 'abc'])
    it(`is recognised by its first bytes, with ${secret.length} characters of a secret`, () => {
      for (const [answer, name] of [
        ['HTTP/1.0 400 Bad', 'an HTTP server'],
        ['\x15\x03\x01\x00\x02\x02F', 'a TLS server'],
        ['\x16\x03\x03\x00\x39', 'a TLS server'],
        ['SSH-2.0-x', 'an SSH server'],
      ] as const) {
        const { message } = otherServer(answer, 'a daemon', new Masker([secret]));
        assert.equal(message, `Unexpected response: ${name}, not a daemon`);
      }
    });

  it('shows its beginning where it is not recognised', () => {
    assert.equal(otherServer('hello', 'a daemon', masker).message, 'Unexpected response: hello');
  });
});
