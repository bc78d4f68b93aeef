/** What is said to proxies and what their answers mean, byte by byte as the RFCs and real proxies have it. */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProxyRefusal, ProxyRequest } from '../../src/rpc/codec/proxy.ts';
import { httpConnect } from '../../src/rpc/transport/httpConnect.ts';
import { socks } from '../../src/rpc/transport/socks.ts';

const request = (host: string, username?: string, password?: string): ProxyRequest => ({
  ...{ host, port: 9091, username, password },
});

type Handshake = (socket: net.Socket, signal: AbortSignal) => Promise<ProxyRefusal | undefined>;
const handshake =
  (speak: typeof httpConnect) =>
  (asked: ProxyRequest): Handshake =>
  (socket, signal) =>
    speak(socket, asked, signal);
const socks4 = handshake((...args) => socks(4, ...args));
const socks5 = handshake((...args) => socks(5, ...args));
const connect = handshake(httpConnect);

/** Plays a proxy that says this and closes; what it was told and has said too much, in hexadecimal. */
async function play(speak: Handshake, ...answers: Uint8Array[]) {
  const [ours, theirs] = duplexPair({ allowHalfOpen: false });
  const told: string[] = [];
  theirs.on('data', (message: Buffer) => told.push(message.toString('hex')));
  for (const answer of answers) theirs.write(answer);
  theirs.end();
  try {
    const outcome = await speak(ours as net.Socket, new AbortController().signal);
    return { told, outcome, rest: (ours.read() as Buffer | null)?.toString('hex') ?? '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'CLOSED') throw error;
    return { told, outcome: 'waits' as const };
  }
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
    it(`asks for ${host}`, async () => {
      const { told, outcome, rest } = await play(
        socks5(request(host)),
        hex('0500'),
        hex(`05 00 ${BOUND} ff`),
      );
      assert.deepEqual(told, [greeting, `050100${address}2383`.replaceAll(' ', '')]);
      assert.deepEqual([outcome, rest], [undefined, 'ff']);
    });
  }

  it('tells credentials only to a proxy that asks', async () => {
    const handshake = () => socks5(request('1.2.3.4', 'prox', 'sé'));
    const asked = await play(handshake(), hex('0502'), hex('0100'), hex(`05 00 ${BOUND}`));
    assert.deepEqual(asked.told.slice(0, 2), ['05020002', '01 04 70726f78 03 73c3a9'.replaceAll(' ', '')]);
    assert.equal(asked.outcome, undefined);
    const open = await play(handshake(), hex('0500'), hex(`05 00 ${BOUND}`));
    assert.equal(open.told.length, 2);
    assert.equal(open.outcome, undefined);
  });

  it('a user name alone, or a password', async () => {
    for (const [username, password, message] of [
      ['me', undefined, '01 02 6d65 00'],
      [undefined, 'me', '01 00 02 6d65'],
    ] as const) {
      const asked = socks5(request('1.2.3.4', username, password));
      const { told, outcome } = await play(asked, hex('0502'), hex('0100'), hex(`05 00 ${BOUND}`));
      assert.deepEqual(told.slice(0, 2), ['05020002', message.replaceAll(' ', '')]);
      assert.equal(outcome, undefined);
    }
  });

  it('credentials that are refused or wanted', async () => {
    const withThem = () => socks5(request('1.2.3.4', 'u', 'p'));
    // As microsocks 1.0.3 answers.
    assert.deepEqual((await play(withThem(), hex('0502'), hex('0102'))).outcome, CREDENTIALS);
    assert.deepEqual((await play(socks5(request('1.2.3.4')), hex('05ff'))).outcome, CREDENTIALS);
    for (const method of ['ff', '01']) {
      assert.deepEqual((await play(withThem(), hex(`05${method}`))).outcome, CREDENTIALS);
    }
    // Asked for though we said that we have none.
    assert.deepEqual((await play(socks5(request('1.2.3.4')), hex('0502'))).outcome, CREDENTIALS);
  });

  it('any bound address, in pieces', async () => {
    for (const bound of [
      '01 00000000 0000',
      `04 ${'0'.repeat(32)} 0000`,
      '03 03 616263 0000',
      '03 00 0000',
    ]) {
      const bytes = hex(`0500 05 00 00 ${bound}`);
      const pieces = Array.from(bytes, byte => Buffer.of(byte));
      assert.deepEqual((await play(socks5(request('box.test')), ...pieces)).rest, '');
      assert.equal((await play(socks5(request('box.test')), ...pieces.slice(0, -1))).outcome, 'waits');
    }
  });

  it('replies in words', async () => {
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
      const { outcome } = await play(
        socks5(request('box.test')),
        hex('0500'),
        hex(`05 ${code} 00 01 00000000 0000`),
      );
      assert.deepEqual(outcome, refused(words));
    }
  });

  it('a reply of another version', async () => {
    const { outcome } = await play(socks5(request('box.test')), hex('0500'), hex(`04 05 ${BOUND}`));
    assert.deepEqual(outcome, refused('Not a SOCKS5 proxy'));
  });

  it('what does not fit its fields', async () => {
    const outcome = refused('Name or credentials too long for SOCKS');
    for (const odd of [
      request('x'.repeat(256)),
      request('box.test', 'é'.repeat(128)),
      request('box.test', 'u', 'p'.repeat(256)),
    ]) {
      assert.deepEqual(await play(socks5(odd)), { told: [], outcome, rest: '' });
    }
  });
});

it('a host that has no form in ASCII is not sent: the engine writes its length in characters', async () => {
  for (const speak of [socks4, socks5]) {
    const outcome = refused('Name or service not known: xn--ü');
    assert.deepEqual(await play(speak(request('xn--ü'))), { told: [], outcome, rest: '' });
  }
});

describe('SOCKS 4', () => {
  it('asks for an address, or as 4a for a name', async () => {
    const granted = hex('00 5a 0000 00000000');
    assert.deepEqual(await play(socks4(request('1.2.3.4', 'me')), granted), {
      ...{ told: ['04012383 01020304 6d6500'.replaceAll(' ', '')], outcome: undefined, rest: '' },
    });
    const named = await play(socks4(request('box.test')), granted);
    assert.deepEqual(named.told, ['04012383 00000001 00 626f782e7465737400'.replaceAll(' ', '')]);
  });

  it('replies in words', async () => {
    for (const [code, outcome] of [
      ['5b', refused('Connection rejected or failed')],
      ['5c', CREDENTIALS],
      ['5d', CREDENTIALS],
      ['00', refused('SOCKS error 0')],
    ] as const) {
      assert.deepEqual(
        (await play(socks4(request('1.2.3.4')), hex(`00 ${code} 0000 00000000`))).outcome,
        outcome,
      );
    }
  });

  it('a user name that would end early is not sent', async () => {
    assert.deepEqual(await play(socks4(request('1.2.3.4', 'a\0b'))), {
      told: [],
      outcome: CREDENTIALS,
      rest: '',
    });
  });
});

describe('CONNECT', () => {
  const text = (...answers: string[]) => answers.map(answer => Buffer.from(answer));
  const outcomeOf = async (...answers: string[]) =>
    (await play(connect(request('box.test')), ...text(...answers))).outcome;

  it('asks for a host, with credentials where there are some', async () => {
    const told = async (...args: Parameters<typeof request>) =>
      Buffer.from((await play(connect(request(...args)))).told[0] ?? '', 'hex').toString();
    assert.equal(await told('box.test'), 'CONNECT box.test:9091 HTTP/1.1\r\nHost: box.test:9091\r\n\r\n');
    assert.match(await told('::1'), /^CONNECT \[::1\]:9091 HTTP\/1\.1\r\nHost: \[::1\]:9091\r\n/);
    const basic = Buffer.from('prox:s:é').toString('base64');
    assert.match(
      await told('box.test', 'prox', 's:é'),
      new RegExp(`\r\nProxy-Authorization: Basic ${basic}\r\n\r\n$`),
    );
  });

  it('stands after any 2xx, and leaves what follows', async () => {
    // As tinyproxy 1.11 answers, in the version of HTTP as well.
    const answer = 'HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\n\r\n';
    const { outcome, rest } = await play(connect(request('box.test')), ...text(`${answer}x`));
    assert.deepEqual([outcome, rest], [undefined, '78']);
    assert.equal(await outcomeOf(...answer), undefined);
    assert.equal(await outcomeOf('HTTP/1.1 204\r\n\r\n'), undefined);
    assert.equal(await outcomeOf('HTTP/1.1 200 OK\n\n'), undefined);
    assert.equal(await outcomeOf('HTTP/1.1 102 Processing\r\n\r\n', answer), undefined);
  });

  it('refusals', async () => {
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
      assert.deepEqual(await outcomeOf(`${answer}\r\nContent-Type: text/html\r\n\r\n<html>`), outcome);
    }
  });

  it('a head without an end is none', async () => {
    assert.equal(await outcomeOf('HTTP/1.1 200 OK\r\n'), 'waits');
    const line = `X: ${'x'.repeat(1000)}\r\n`;
    assert.deepEqual(await outcomeOf('HTTP/1.1 200 OK\r\n', line.repeat(20)), refused('Not an HTTP proxy'));
  });
});

it('a refusal counts, also where the proxy resets the connection right after it, as danted does', async () => {
  for (const [speak, answers] of [
    [socks5, `0502 0100 05 05 ${BOUND}`],
    [socks4, '00 5b 0000 00000000'],
  ] as const) {
    const [ours, theirs] = duplexPair({ allowHalfOpen: false });
    theirs.write(hex(answers));
    const shaken = speak(request('box.test', 'u', 'p'))(ours as net.Socket, new AbortController().signal);
    ours.on('error', () => {});
    ours.once('readable', () => setImmediate(() => ours.destroy(new Error('reset'))));
    assert.equal((await shaken)?.kind, 'refused');
  }
});

it('no bytes whatever make a handshake throw, or wait for more than there can be', async () => {
  const kinds = [socks4, socks5, connect];
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
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), start, chunks, async (kind, beginning, others) => {
      const bytes = [hex(beginning), ...others.map(chunk => Buffer.from(chunk))].filter(
        ({ length }) => length,
      );
      const { outcome } = await play(kind(request('box.test', 'u', 'p')), ...bytes);
      assert.ok(outcome === undefined || outcome === 'waits' || outcome.kind);
      if (outcome === 'waits' && kind !== connect) assert.ok(Buffer.concat(bytes).length < 300);
    }),
    { numRuns: 20_000 },
  );
});
