// Ways to talk to qBittorrent. It gives all that it knows of each torrent: there are no fields to choose.
import { client } from '../../../src/rpc/index.ts';
import { type Contenders, load, type MakeContender, type Place } from './contender.ts';
import { bareHttp, bareUndici, type HttpFloor } from './floors.ts';

const CALL = 'app/version';
const LIST = 'torrents/info';

const floor =
  (open: (place: Place) => HttpFloor): MakeContender =>
  place => {
    const http = open(place);
    const prepare = (method: string, cookie: string, body = '') => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie };
      return http.prepare({ path: `/api/v2/${method}`, headers, body });
    };
    const { username, password } = place;
    const logIn = prepare('auth/login', '', new URLSearchParams({ username, password }).toString());
    let call = logIn;
    let list = logIn;
    return {
      connect: async () => {
        const answer = await logIn();
        if ((await answer.text()) === 'Fails.') throw new Error('No log-in');
        const [cookie = ''] = answer.header('set-cookie').split(';');
        call = prepare(CALL, cookie);
        list = prepare(LIST, cookie);
      },
      call: async () => (await call()).text(),
      list: async () => (await (await list()).json()) as object,
      close: () => http.close(),
    };
  };

export const qbittorrent: Contenders = {
  core: place => {
    const rpc = client('qbittorrent', place);
    return {
      connect: () => rpc.connect(),
      call: () => rpc.call(CALL),
      list: () => rpc.call<object>(LIST),
      close: () => rpc.disconnect(),
    };
  },
  undici: floor(bareUndici),
  socket: floor(bareHttp),
  '@ctrl/qbittorrent': async ({ url: baseUrl, username, password }) => {
    const { QBittorrent } = await load('@ctrl/qbittorrent');
    const peer = new QBittorrent({ baseUrl, username, password, timeout: 60_000 });
    return {
      connect: () => peer.login(),
      call: () => peer.getAppVersion(),
      list: () => peer.listTorrents(),
      close: () => peer.logout(),
    };
  },
  'qbittorrent-api-v2': async ({ url, username, password }) => {
    const { default: api } = await load('qbittorrent-api-v2');
    // biome-ignore lint/suspicious/noExplicitAny: what it exports has no types
    let peer: any;
    return {
      connect: async () => {
        peer = await api.connect(url, username, password);
      },
      call: () => peer.appVersion(),
      list: () => peer.torrents(),
      close: () => {},
    };
  },
};
