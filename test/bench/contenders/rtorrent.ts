// Ways to talk to rTorrent: over SCGI, and over HTTP through an nginx.
import { client, type RtorrentRPC } from '../../../src/rpc/index.ts';
import {
  type Contender,
  type Contenders,
  fromCallback,
  load,
  type MakeContender,
  type Place,
} from './contender.ts';
import { askScgi, bareHttp, bareUndici, type HttpFloor, scgi } from './floors.ts';

const CALL = 'system.client_version';
const LIST = 'd.multicall2';
const FIELDS = [
  ...['hash', 'name', 'size_bytes', 'bytes_done', 'completed_bytes', 'left_bytes', 'down.rate', 'up.rate'],
  ...['down.total', 'up.total', 'ratio', 'state', 'is_active', 'is_open', 'complete', 'hashing', 'priority'],
  ...['directory', 'message', 'custom1'],
].map(field => `d.${field}=`);
const PARAMS = ['', 'main', ...FIELDS];

const body = (method: string, params: readonly string[] = []) =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params
    .map(param => `<param><value><string>${param}</string></value></param>`)
    .join('')}</params></methodCall>`;

/** All there is between the tags of strings and integers; in rows of so many, where there are many. */
function decode(xml: string): unknown[] {
  const values: unknown[] = [];
  for (const [, type, text = ''] of xml.matchAll(/<(string|i4|i8)>([^<]*)</g)) {
    values.push(type === 'string' ? text : Number(text));
  }
  return values;
}

function rows(values: readonly unknown[]): unknown[][] {
  return Array.from({ length: values.length / FIELDS.length }, (_, row) =>
    values.slice(row * FIELDS.length, (row + 1) * FIELDS.length),
  );
}

const core: MakeContender = ({ url, username, password }) => {
  const rpc: RtorrentRPC = client('rtorrent', { url, ...(username && { username, password }) });
  return {
    connect: () => rpc.connect(),
    call: () => rpc.call(CALL),
    list: () => rpc.call<object>(LIST, ...PARAMS),
    close: () => rpc.disconnect(),
  };
};

const socket: MakeContender = place => {
  const call = scgi(body(CALL));
  const list = scgi(body(LIST, PARAMS));
  return {
    connect: () => {},
    call: async () => decode(await askScgi(place, call))[0],
    list: async () => rows(decode(await askScgi(place, list))),
    raw: async () => (await askScgi(place, list)).replace(/^.*?\r\n\r\n/s, ''),
    close: () => {},
  };
};

const httpFloor =
  (open: (place: Place) => HttpFloor): MakeContender =>
  place => {
    const http = open(place);
    const { pathname: path } = new URL(place.url);
    const prepare = (content: string) =>
      http.prepare({ path, headers: { 'content-type': 'text/xml' }, body: content });
    const call = prepare(body(CALL));
    const list = prepare(body(LIST, PARAMS));
    return {
      connect: () => {},
      call: async () => decode(await (await call()).text())[0],
      list: async () => rows(decode(await (await list()).text())),
      close: () => http.close(),
    };
  };

const nodeRtorrentClient: MakeContender = async ({ url }) => {
  const { Client } = await load('node-rtorrent-client');
  const { hostname: host, port } = new URL(url);
  const peer = new Client({ mode: 'scgi', rpctype: 'xml', host, port: Number(port) });
  return {
    connect: () => {},
    call: () => peer.send(CALL, ''),
    list: () => peer.send(LIST, ...PARAMS),
    close: () => {},
  };
};

const ctrl: MakeContender = async ({ url }) => {
  const { RTorrent } = await load('@ctrl/rtorrent');
  const { origin: baseUrl, pathname: path } = new URL(url);
  const peer = new RTorrent({ baseUrl, path, timeout: 60_000 });
  return {
    connect: () => {},
    call: () => peer.getVersion(),
    // It takes all rows for the values of one.
    list: async () => (await peer.xmlRpcRequest({ methodName: LIST, params: PARAMS }))[0],
    close: () => {},
  };
};

const nodeRtorrent: MakeContender = async ({ url }) => {
  const { default: Rtorrent } = await load('node-rtorrent');
  const { hostname: host, port, pathname: path } = new URL(url);
  const peer = new Rtorrent({ mode: 'xmlrpc', host, port: Number(port), path });
  const call = (method: string, params: readonly string[]) =>
    fromCallback<object>(callback => peer.get(method, params, callback));
  return {
    connect: () => {},
    call: () => call(CALL, []),
    list: () => call(LIST, PARAMS),
    close: () => {},
  } satisfies Contender;
};

export const rtorrent: Contenders = { core, socket, 'node-rtorrent-client': nodeRtorrentClient };

export const rtorrentHttp: Contenders = {
  core,
  undici: httpFloor(bareUndici),
  socket: httpFloor(bareHttp),
  '@ctrl/rtorrent': ctrl,
  'node-rtorrent': nodeRtorrent,
};
