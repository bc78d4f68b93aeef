// Every client through every kind of proxy: honest ones that lead to hostile servers, and those that lie themselves.
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type FakeServer, startFakeServer } from '../tools/fakes/server.ts';
import { type FakeProxy, startFakeProxy } from '../tools/proxies.ts';
import { until } from '../tools/until.ts';
import { attempt, held } from './support/attempt.ts';
import {
  ANYWHERE,
  close,
  drip,
  type Ending,
  flood,
  GARBAGE,
  LATE,
  nothing,
  PAGE,
  say,
  TIMEOUT,
} from './support/misdeeds.ts';
import { type Misdeed, startTurncoat, type Turncoat, VICTIMS, type Victim } from './support/victims.ts';

/** One way over each carrier, with TLS and without. An https:// proxy needs an authority of the system's. */
const TRAVELLERS = VICTIMS.filter(({ name }) =>
  ['transmission over http', 'qbittorrent over https', 'rtorrent over scgi', 'deluge over TLS'].includes(
    name,
  ),
);
const SCHEMES = ['socks5', 'socks5h', 'socks4', 'socks4a', 'http'] as const;

interface Lie {
  readonly name: string;
  readonly schemes: readonly string[];
  readonly do: Misdeed['do'];
  readonly ends: Ending;
}

const proxy = (words: RegExp): Ending => ({
  name: 'ConnectionError',
  message: new RegExp(`^Proxy 127\\.0\\.0\\.1:\\d+: ${words.source}`),
});
const hex = (bytes: string) => Buffer.from(bytes, 'hex');
/** What of the handshake is to be answered: each message of the client's by the next of these, the last one for ever. */
const answering =
  (...answers: readonly (Uint8Array | string)[]): Lie['do'] =>
  socket => {
    let count = 0;
    socket.on('data', () => {
      const answer = answers[count++];
      if (answer !== undefined) socket.write(answer);
    });
  };
const GRANTED = { socks5: ['0500', '05000001000000000000'], socks4: ['005a000000000000'] } as const;
const SOCKS = ['socks5', 'socks5h', 'socks4', 'socks4a'];
const SOCKS5 = SOCKS.slice(0, 2);
const SOCKS4 = SOCKS.slice(2);
const ANY: Ending = { name: 'ConnectionError|RPCError', message: /./ };

const LIES: readonly Lie[] = [
  { name: 'says nothing', schemes: SCHEMES, do: nothing, ends: LATE },
  { name: 'closes', schemes: SCHEMES, do: close, ends: proxy(/Connection (lost|reset)/) },
  { name: 'sends garbage', schemes: SOCKS, do: say(GARBAGE), ends: proxy(/Not a SOCKS[45] proxy/) },
  {
    name: 'floods with garbage',
    schemes: SCHEMES,
    do: flood(GARBAGE),
    ends: proxy(/Not an? (SOCKS[45]|HTTP) proxy/),
  },
  {
    name: 'is a web server',
    schemes: SCHEMES,
    do: say(`${PAGE}\r\n\r\n`),
    ends: proxy(/Not an? (SOCKS[45]|HTTP) proxy/),
  },
  {
    name: 'wants a way to log in that nobody offered',
    schemes: SOCKS5,
    do: answering(hex('0501')),
    ends: { name: 'ConnectionError', message: /^Proxy authentication failed$/ },
  },
  {
    name: 'takes no way to log in',
    schemes: SOCKS5,
    do: answering(hex('05ff')),
    ends: { name: 'ConnectionError', message: /^Proxy authentication failed$/ },
  },
  {
    name: 'fails in a way that nobody knows',
    schemes: SOCKS5,
    do: answering(hex('0500'), hex('05630001000000000000')),
    ends: proxy(/SOCKS error 99/),
  },
  {
    name: 'binds an address of no kind',
    schemes: SOCKS5,
    do: answering(hex('0500'), hex('0500007700')),
    ends: LATE,
  },
  {
    name: 'binds a name without an end',
    schemes: SOCKS5,
    do: answering(hex('0500'), hex('05000003ff61')),
    ends: LATE,
  },
  {
    name: 'fails in a way that nobody knows, in SOCKS 4',
    schemes: SOCKS4,
    do: answering(hex('0063000000000000')),
    ends: proxy(/SOCKS error 99/),
  },
  { name: 'grants, and is silent', schemes: SOCKS5, do: answering(...GRANTED.socks5.map(hex)), ends: LATE },
  {
    name: 'grants, and speaks garbage',
    schemes: SOCKS5,
    do: answering(...GRANTED.socks5.map(hex), GARBAGE),
    ends: ANY,
  },
  {
    name: 'grants, and speaks garbage, in SOCKS 4',
    schemes: SOCKS4,
    do: answering(...GRANTED.socks4.map(hex), GARBAGE),
    ends: ANY,
  },
  {
    name: 'grants, and speaks garbage, in HTTP',
    schemes: ['http'],
    do: answering('HTTP/1.1 200 OK\r\n\r\n', GARBAGE),
    ends: ANY,
  },
  {
    name: 'grants, with a body',
    schemes: ['http'],
    do: answering(`HTTP/1.1 200 OK\r\nContent-Length: 81\r\n\r\n${PAGE}`),
    ends: { name: 'ConnectionError|RPCError|TimeoutError', message: /./ },
  },
  {
    name: 'sends headers without end',
    schemes: ['http'],
    do: flood('X-More: x\r\n', 'HTTP/1.1 200 OK\r\n'),
    ends: proxy(/Not an HTTP proxy/),
  },
  {
    name: 'drips headers without end',
    schemes: ['http'],
    do: socket => drip(socket, Buffer.from('HTTP/1.1 200 OK\r\n'), Buffer.from('X: x\r\n')),
    ends: LATE,
  },
  {
    name: 'says without end that it goes on',
    schemes: ['http'],
    do: flood('HTTP/1.1 100 Continue\r\n\r\n'),
    ends: proxy(/Not an HTTP proxy/),
  },
  {
    name: 'sends us elsewhere',
    schemes: ['http'],
    do: say('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n'),
    ends: proxy(/Found/),
  },
  {
    name: 'has a status of twenty digits',
    schemes: ['http'],
    do: say(`HTTP/1.1 ${'2'.repeat(20)} OK\r\n\r\n`),
    ends: ANY,
  },
];

for (const victim of TRAVELLERS) {
  describe(victim.name, () => {
    let server: Turncoat;
    let honest: FakeProxy;
    let front: FakeServer;
    let lie: Lie | undefined;
    before(async () => {
      server = await startTurncoat(victim);
      honest = await startFakeProxy();
      front = await startFakeServer(socket => {
        if (lie) return lie.do(socket, Buffer.alloc(0));
        const onwards = net.connect(honest.port, '127.0.0.1');
        onwards.on('error', () => {}).on('close', () => socket.destroy());
        socket.pipe(onwards).pipe(socket);
        return socket.on('close', () => onwards.destroy());
      });
    });
    after(async () => {
      for (const each of [front, honest, server]) await each[Symbol.asyncDispose]();
    });

    for (const scheme of SCHEMES) {
      for (const row of ANYWHERE) {
        it(`through ${scheme}: it ${row.name}`, () => suffer(scheme, row, undefined, endingOf(row, victim)));
      }
      for (const row of LIES.filter(({ schemes }) => schemes.includes(scheme))) {
        it(`through ${scheme} that ${row.name}`, () => suffer(scheme, undefined, row, row.ends));
      }
    }

    async function suffer(scheme: string, row: Misdeed | undefined, next: Lie | undefined, ending: Ending) {
      await until(() => front.open === 0 && server.open === 0, 'nothing is left');
      const before = held();
      lie = next;
      server.restart(row);
      const timeout = ending === LATE ? TIMEOUT.late : TIMEOUT.soon;
      const rpc = server.client({ timeout, proxyUrl: `${scheme}://127.0.0.1:${front.port}` });
      await attempt(victim, rpc, ending);
      if (ending !== 'answer') await until(() => front.open <= 1, 'no more than one connection stays');
      lie = undefined;
      server.restart();
      await until(() => server.open === 0, 'it is restarted');
      rpc.timeout = TIMEOUT.soon;
      await attempt(victim, rpc, 'answer');
      await rpc.disconnect();
      await until(() => front.open === 0 && held() <= before, 'no socket and no timer stays');
    }
  });
}

/** A reset reaches the proxy, which has words of its own for it, also where it has granted the connection. */
const endingOf = ({ name, ends }: (typeof ANYWHERE)[number], victim: Victim): Ending => {
  if (name.startsWith('resets')) return ANY;
  return typeof ends === 'function' ? ends(victim, true) : ends;
};
