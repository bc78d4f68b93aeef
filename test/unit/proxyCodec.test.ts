/** What is said to proxies and what their answers mean, byte by byte as the RFCs and real proxies have it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  httpConnect,
  type ProxyHandshake,
  type ProxyRequest,
  socks4,
  socks5,
} from '../../src/rpc/codec/proxy.ts';

const request = (host: string, username?: string, password?: string): ProxyRequest => ({
  ...{ host, port: 9091, username, password },
});

/** Plays a proxy that answers each message with the next of these bytes; what it was told, in hexadecimal. */
function play(handshake: ProxyHandshake, ...answers: Buffer[]) {
  const told: string[] = [];
  let step = handshake.next(Buffer.alloc(0));
  let received = Buffer.alloc(0);
  while (!step.done) {
    told.push(Buffer.from(step.value.send).toString('hex'));
    let length = step.value.lengthOf(received);
    while (received.length === 0 || length === undefined) {
      const more = answers.shift();
      if (!more) return { told, outcome: 'waits' as const };
      received = Buffer.concat([received, more]);
      length = step.value.lengthOf(received);
    }
    assert.ok(length > 0 && length <= received.length);
    const answer = received.subarray(0, length);
    received = received.subarray(length);
    step = handshake.next(answer);
  }
  return { told, outcome: step.value, rest: received.toString('hex') };
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const refused = (words: string) => ({ kind: 'refused', words });
const CREDENTIALS = { kind: 'credentials' };
const BOUND = '00 01 7f000001 1f90';

describe('SOCKS 5', () => {
  const greeting = '050100';

  for (const [host, address] of [
    ['127.0.0.1', '01 7f000001'],
    ['::1', '04 00000000000000000000000000000001'],
    ['2001:db8::7:1', '04 20010db8000000000000000000070001'],
    ['fe80::1%eth0', '04 fe800000000000000000000000000001'],
    ['::ffff:1.2.3.4', '04 00000000000000000000ffff01020304'],
    ['box.test', '03 08 626f782e74657374'],
  ] as const) {
    it(`asks for ${host}`, () => {
      const { told, outcome, rest } = play(socks5(request(host)), hex('0500'), hex(`05 00 ${BOUND} ff`));
      assert.deepEqual(told, [greeting, `050100${address}2383`.replaceAll(' ', '')]);
      assert.deepEqual([outcome, rest], [undefined, 'ff']);
    });
  }

  it('tells credentials only to a proxy that asks', () => {
    const handshake = () => socks5(request('1.2.3.4', 'prox', 'sé'));
    const asked = play(handshake(), hex('0502'), hex('0100'), hex(`05 00 ${BOUND}`));
    assert.deepEqual(asked.told.slice(0, 2), ['05020002', '01 04 70726f78 03 73c3a9'.replaceAll(' ', '')]);
    assert.equal(asked.outcome, undefined);
    const open = play(handshake(), hex('0500'), hex(`05 00 ${BOUND}`));
    assert.equal(open.told.length, 2);
    assert.equal(open.outcome, undefined);
  });

  it('credentials that are refused or wanted', () => {
    const withThem = () => socks5(request('1.2.3.4', 'u', 'p'));
    // As microsocks 1.0.3 answers.
    assert.deepEqual(play(withThem(), hex('0502'), hex('0102')).outcome, CREDENTIALS);
    assert.deepEqual(play(socks5(request('1.2.3.4')), hex('05ff')).outcome, CREDENTIALS);
    for (const method of ['ff', '01']) {
      assert.deepEqual(play(withThem(), hex(`05${method}`)).outcome, CREDENTIALS);
    }
    // Asked for though we said that we have none.
    assert.deepEqual(play(socks5(request('1.2.3.4')), hex('0502')).outcome, CREDENTIALS);
  });

  it('any bound address, in pieces', () => {
    for (const bound of [
      '01 00000000 0000',
      `04 ${'0'.repeat(32)} 0000`,
      '03 03 616263 0000',
      '03 00 0000',
    ]) {
      const bytes = hex(`0500 05 00 00 ${bound}`);
      const pieces = Array.from(bytes, byte => Buffer.of(byte));
      assert.deepEqual(play(socks5(request('box.test')), ...pieces).rest, '');
      assert.equal(play(socks5(request('box.test')), ...pieces.slice(0, -1)).outcome, 'waits');
    }
  });

  it('replies in words', () => {
    for (const [code, words] of [
      ['01', 'General failure'],
      ['02', 'Not allowed'],
      ['03', 'Network is unreachable'],
      ['04', 'No route to host'],
      ['05', 'Connection refused'],
      ['06', 'Connection timed out'],
      ['07', 'Command not supported'],
      ['08', 'Address type not supported'],
      ['5b', 'SOCKS error 91'],
    ] as const) {
      const { outcome } = play(
        socks5(request('box.test')),
        hex('0500'),
        hex(`05 ${code} 00 01 00000000 0000`),
      );
      assert.deepEqual(outcome, refused(words));
    }
  });

  it('what does not fit its fields', () => {
    const outcome = refused('Name or credentials too long for SOCKS');
    for (const odd of [
      request('x'.repeat(256)),
      request('box.test', 'é'.repeat(128)),
      request('box.test', 'u', 'p'.repeat(256)),
    ]) {
      assert.deepEqual(play(socks5(odd)), { told: [], outcome, rest: '' });
    }
  });
});

describe('SOCKS 4', () => {
  it('asks for an address, or as 4a for a name', () => {
    const granted = hex('00 5a 0000 00000000');
    assert.deepEqual(play(socks4(request('1.2.3.4', 'me')), granted), {
      ...{ told: ['04012383 01020304 6d6500'.replaceAll(' ', '')], outcome: undefined, rest: '' },
    });
    const named = play(socks4(request('box.test')), granted);
    assert.deepEqual(named.told, ['04012383 00000001 00 626f782e7465737400'.replaceAll(' ', '')]);
  });

  it('replies in words', () => {
    for (const [code, outcome] of [
      ['5b', refused('Connection rejected or failed')],
      ['5c', CREDENTIALS],
      ['5d', CREDENTIALS],
      ['00', refused('SOCKS error 0')],
    ] as const) {
      assert.deepEqual(play(socks4(request('1.2.3.4')), hex(`00 ${code} 0000 00000000`)).outcome, outcome);
    }
  });

  it('a user name that would end early is not sent', () => {
    assert.deepEqual(play(socks4(request('1.2.3.4', 'a\0b'))), { told: [], outcome: CREDENTIALS, rest: '' });
  });
});

describe('CONNECT', () => {
  const text = (...answers: string[]) => answers.map(answer => Buffer.from(answer));
  const outcomeOf = (...answers: string[]) =>
    play(httpConnect(request('box.test')), ...text(...answers)).outcome;

  it('asks for a host, with credentials where there are some', () => {
    const told = (...args: Parameters<typeof request>) =>
      Buffer.from(play(httpConnect(request(...args))).told[0] ?? '', 'hex').toString();
    assert.equal(told('box.test'), 'CONNECT box.test:9091 HTTP/1.1\r\nHost: box.test:9091\r\n\r\n');
    assert.match(told('::1'), /^CONNECT \[::1\]:9091 HTTP\/1\.1\r\nHost: \[::1\]:9091\r\n/);
    const basic = Buffer.from('prox:s:é').toString('base64');
    assert.ok(told('box.test', 'prox', 's:é').endsWith(`\r\nProxy-Authorization: Basic ${basic}\r\n\r\n`));
  });

  it('stands after any 2xx, and leaves what follows', () => {
    // As tinyproxy 1.11 answers, in the version of HTTP as well.
    const answer = 'HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n';
    const { outcome, rest } = play(httpConnect(request('box.test')), ...text(`${answer}x`));
    assert.deepEqual([outcome, rest], [undefined, '78']);
    assert.equal(outcomeOf(...answer), undefined);
    assert.equal(outcomeOf('HTTP/1.1 204\r\n\r\n'), undefined);
    assert.equal(outcomeOf('HTTP/1.1 200 OK\n\n'), undefined);
    assert.equal(outcomeOf('HTTP/1.1 102 Processing\r\n\r\n', answer), undefined);
  });

  it('refusals', () => {
    for (const [answer, outcome] of [
      ['HTTP/1.0 401 Unauthorized', CREDENTIALS],
      ['HTTP/1.0 407 Proxy Authentication Required', CREDENTIALS],
      ['HTTP/1.0 500 Unable to connect', { kind: 'quoted', words: 'Unable to connect' }],
      ['HTTP/1.1 504 Gateway Timeout', refused('Connection timed out')],
      ['HTTP/1.1 302 Found', { kind: 'quoted', words: 'Found' }],
      ['HTTP/1.1 503', refused('HTTP status 503')],
      ['HTTP/1.1 503 ', refused('HTTP status 503')],
      ['HTTP/2 200', refused('Not an HTTP proxy')],
      ['SSH-2.0-x', refused('Not an HTTP proxy')],
    ] as const) {
      assert.deepEqual(outcomeOf(`${answer}\r\nContent-Type: text/html\r\n\r\n<html>`), outcome);
    }
  });

  it('a head without an end is none', () => {
    assert.equal(outcomeOf('HTTP/1.1 200 OK\r\n'), 'waits');
    const line = `X: ${'x'.repeat(1000)}\r\n`;
    assert.deepEqual(outcomeOf('HTTP/1.1 200 OK\r\n', line.repeat(20)), refused('Not an HTTP proxy'));
  });
});

it('no bytes whatever make a handshake throw, or wait for more than there can be', () => {
  const kinds = [socks4, socks5, httpConnect];
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
  const start = fc.constantFrom(
    '',
    '0500',
    '0502',
    '050005000003',
    '005a',
    '485454502f312e312032',
    '0502010005',
  );
  fc.assert(
    fc.property(fc.constantFrom(...kinds), start, chunks, (kind, beginning, others) => {
      const bytes = [hex(beginning), ...others.map(chunk => Buffer.from(chunk))].filter(
        ({ length }) => length,
      );
      const { outcome } = play(kind(request('box.test', 'u', 'p')), ...bytes);
      assert.ok(outcome === undefined || outcome === 'waits' || outcome.kind);
      if (outcome === 'waits' && kind !== httpConnect) assert.ok(Buffer.concat(bytes).length < 300);
    }),
    { numRuns: 20_000 },
  );
});
