// Ways to talk to Deluge's daemon. npm has no other client of it that installs: all there are talk to its web interface.
import tls from 'node:tls';
import { inflateSync } from 'node:zlib';
import { encodeArguments, encodeCall } from '../../../src/rpc/codec/deluge.ts';
import { client } from '../../../src/rpc/index.ts';
import type { Contenders, MakeContender } from './contender.ts';

const CALL = 'daemon.info';
const LIST = 'core.get_torrents_status';
const KEYS = [
  ...['hash', 'name', 'state', 'progress', 'total_size', 'total_done', 'total_uploaded', 'eta', 'ratio'],
  ...['download_payload_rate', 'upload_payload_rate', 'num_peers', 'num_seeds', 'queue', 'paused'],
  ...['save_path', 'time_added', 'tracker_host', 'tracker_status', 'message'],
];
const HEAD_SIZE = 5;

/** A request that is made once: all have the same id, and what comes back is taken in order. */
const request = (method: string, args: readonly unknown[], kwargs = {}): Buffer =>
  encodeCall(1, encodeArguments(method, args, kwargs)).bytes;

const socket: MakeContender = ({ url, username, password }) => {
  const { hostname: host, port } = new URL(`deluge://${url}`);
  const logIn = request('daemon.login', [username, password], { client_version: '2.2.0' });
  const call = request(CALL, []);
  const list = request(LIST, [{}, KEYS]);
  const waiting: ((frame: Buffer) => void)[] = [];
  let connection: tls.TLSSocket;
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = HEAD_SIZE;
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= needed) {
      let bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const size = HEAD_SIZE + bytes.readUInt32BE(1);
      if (held >= size) {
        waiting.shift()?.(bytes.subarray(HEAD_SIZE, size));
        bytes = bytes.subarray(size);
      }
      chunks = [bytes];
      held = bytes.length;
      needed = held >= HEAD_SIZE ? HEAD_SIZE + bytes.readUInt32BE(1) : HEAD_SIZE;
    }
  };
  const send = (bytes: Buffer) =>
    new Promise<Buffer>(resolve => {
      waiting.push(frame => resolve(inflateSync(frame)));
      connection.write(bytes);
    });
  const ask = async (bytes: Buffer) => {
    const [type, , value] = decode(await send(bytes)) as unknown[];
    if (type !== 1) throw new Error('an error of the daemon');
    return value;
  };
  return {
    connect: async () => {
      await new Promise<void>((resolve, reject) => {
        connection = tls.connect({ host, port: Number(port), rejectUnauthorized: false }, resolve);
        connection.on('error', reject).on('data', onData).setNoDelay(true);
      });
      await ask(logIn);
    },
    call: () => ask(call),
    list: async () => (await ask(list)) as object,
    raw: () => send(list),
    close: () => connection.destroy(),
  };
};

/** Rencode as plainly as it can be read: no checks, no bounds, no texts that are kept. */
function decode(bytes: Buffer): unknown {
  let at = 0;
  const text = (size: number) => {
    at += size;
    return bytes.toString('utf8', at - size, at);
  };
  const list = (count: number) => {
    const items: unknown[] = [];
    while (count < 0 ? bytes[at] !== 127 : items.length < count) items.push(value());
    if (count < 0) at += 1;
    return items;
  };
  const dict = (count: number) => {
    const made: Record<string, unknown> = {};
    for (let done = 0; count < 0 ? bytes[at] !== 127 : done < count; done++)
      made[value() as string] = value();
    if (count < 0) at += 1;
    return made;
  };
  const number = (size: number, read: (place: number) => number | bigint) => {
    at += size;
    return Number(read.call(bytes, at - size));
  };
  const value = (): unknown => {
    const code = bytes[at++] as number;
    if (code >= 192) return list(code - 192);
    if (code >= 128) return text(code - 128);
    if (code < 44) return code;
    if (code >= 102 && code < 127) return dict(code - 102);
    if (code >= 70 && code < 102) return 69 - code;
    if (code >= 48 && code < 58) {
      const end = bytes.indexOf(':', at);
      const size = Number(bytes.toString('latin1', at - 1, end));
      at = end + 1;
      return text(size);
    }
    switch (code) {
      case 44:
        return number(8, bytes.readDoubleBE);
      case 59:
        return list(-1);
      case 60:
        return dict(-1);
      case 61: {
        const end = bytes.indexOf(127, at);
        const digits = bytes.toString('latin1', at, end);
        at = end + 1;
        return BigInt(digits);
      }
      case 62:
        return number(1, bytes.readInt8);
      case 63:
        return number(2, bytes.readInt16BE);
      case 64:
        return number(4, bytes.readInt32BE);
      case 65:
        return number(8, bytes.readBigInt64BE);
      case 66:
        return number(4, bytes.readFloatBE);
      case 67:
        return true;
      case 68:
        return false;
      default:
        return null;
    }
  };
  return value();
}

export const deluge: Contenders = {
  core: place => {
    const rpc = client('deluge', place);
    return {
      connect: () => rpc.connect(),
      call: () => rpc.call(CALL),
      list: () => rpc.call<object>(LIST, [{}, KEYS]),
      close: () => rpc.disconnect(),
    };
  },
  socket,
};
