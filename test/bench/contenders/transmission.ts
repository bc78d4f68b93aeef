// Ways to talk to Transmission.
import { client } from '../../../src/rpc/index.ts';
import { basic, type Contenders, fromCallback, load, type MakeContender, type Place } from './contender.ts';
import { bareHttp, bareUndici, type HttpFloor } from './floors.ts';

const CALL = 'session-stats';
const LIST = 'torrent-get';
const FIELDS = [
  ...['id', 'hashString', 'name', 'status', 'error', 'errorString', 'percentDone', 'totalSize', 'eta'],
  ...['rateDownload', 'rateUpload', 'downloadedEver', 'uploadedEver', 'uploadRatio', 'addedDate'],
  ...['doneDate', 'downloadDir', 'peersConnected', 'labels', 'leftUntilDone'],
];

interface Listed {
  readonly arguments: { readonly torrents: readonly unknown[] };
}

const floor =
  (open: (place: Place) => HttpFloor): MakeContender =>
  place => {
    const http = open(place);
    const prepare = (sessionId: string, method: string, args = {}) => {
      const headers = {
        authorization: basic(place),
        'content-type': 'application/json',
        'x-transmission-session-id': sessionId,
      };
      const { pathname: path } = new URL(place.url);
      return http.prepare({ path, headers, body: JSON.stringify({ method, arguments: args }) });
    };
    let call = prepare('', CALL);
    let list = call;
    return {
      connect: async () => {
        const answer = await call();
        await answer.text();
        const sessionId = answer.header('x-transmission-session-id');
        call = prepare(sessionId, CALL);
        list = prepare(sessionId, LIST, { fields: FIELDS });
      },
      call: async () => (await call()).json(),
      list: async () => ((await (await list()).json()) as Listed).arguments.torrents,
      raw: async () => (await list()).text(),
      close: () => http.close(),
    };
  };

export const transmission: Contenders = {
  core: place => {
    const rpc = client('transmission', place);
    return {
      connect: () => rpc.connect(),
      call: () => rpc.call(CALL),
      list: async () => (await rpc.call<Listed>(LIST, { fields: FIELDS })).arguments.torrents,
      close: () => rpc.disconnect(),
    };
  },
  undici: floor(bareUndici),
  socket: floor(bareHttp),
  transmission: async ({ url, username, password }) => {
    const { default: Transmission } = await load('transmission');
    const { hostname: host, port } = new URL(url);
    const peer = new Transmission({ host, port: Number(port), username, password });
    const list = { method: LIST, arguments: { fields: FIELDS } };
    return {
      connect: () => {},
      call: () => fromCallback(callback => peer.sessionStats(callback)),
      // Its own list has other fields.
      list: async () =>
        (await fromCallback<Listed['arguments']>(callback => peer.callServer(list, callback))).torrents,
      close: () => {},
    };
  },
  '@ctrl/transmission': async ({ url, username, password }) => {
    const { Transmission } = await load('@ctrl/transmission');
    const peer = new Transmission({ baseUrl: new URL(url).origin, username, password, timeout: 60_000 });
    return {
      connect: () => {},
      call: async () => (await peer.request(CALL))._data,
      list: async () => (await peer.request(LIST, { fields: FIELDS }))._data.arguments.torrents,
      close: () => {},
    };
  },
};
