/**
 * Deluge's messages. A frame is a version, a length and a compressed rencode value (deluge/transfer.py of 2.0.3). A
 * request is a list of calls, each `[id, method, args, kwargs]`; what comes back is one message per frame, in any order
 * (deluge/core/rpcserver.py of 2.0.3).
 */
import { constants as bufferConstants } from 'node:buffer';
import { deflateSync, inflateSync, constants as zlibConstants } from 'node:zlib';
import { isPlainObject, unsendable } from '../arguments.ts';
import { Pieces } from '../pieces.ts';
import type { RpcValue } from '../values.ts';
import { CODE, encodeRencode } from './rencode.ts';
import { decodeFirstItems, decodeRencode } from './rencodeDecode.ts';

/** Version (1 byte) and length of the body (4 bytes, big-endian). */
export const HEAD_SIZE = 5;
/** What Deluge 2 says first in each frame. */
export const VERSION = 1;
/** Bytes of zlib's own header: its compression method, and a check that makes it a multiple of 31 (RFC 1950). */
const ZLIB_HEAD_SIZE = 2;
/** Bytes of a call that is not worth to be compressed. */
const LARGEST_STORED = 1024;
/** Of zlib's checksum (RFC 1950, section 9). */
const ADLER_MODULUS = 65521;
/** Bytes of a body that is too large for us that are kept, to learn which call it answers. */
const PEEKED_SIZE = 512;
/** Bytes that these can become: zlib packs at most 1032 to 1 (its manual). */
const LARGEST_PEEK = 1032 * PEEKED_SIZE;

/** What the daemon says. */
export type DelugeMessage =
  | { readonly kind: 'result'; readonly id: RpcValue; readonly value: RpcValue }
  | { readonly kind: 'error'; readonly id: RpcValue; readonly error: DelugeError }
  | { readonly kind: 'event'; readonly name: string; readonly args: RpcValue[] }
  /** A message that is larger than our limit; without an id it was an event. */
  | { readonly kind: 'too large'; readonly id: RpcValue | undefined };

/** An exception that a call ended with. */
export interface DelugeError {
  /** The name of Python's class; `WrappedException` for what is none of Deluge's own: `args` is then text, class, traceback. */
  readonly class: string;
  readonly args: RpcValue[];
  readonly kwargs: { [key: string]: RpcValue };
  /** Python's text of it. */
  readonly traceback: RpcValue;
}

/** A frame, read off the stream. */
export interface Frame {
  /** Bytes on the wire. */
  readonly size: number;
  /** The compressed value; only its beginning where it is larger than the reader's limit. */
  readonly body: Buffer;
  readonly isWhole: boolean;
}

/** A frame and what is in it. */
export interface Packet extends Pick<Frame, 'size' | 'body'> {
  /** The value; undefined where it is too large. */
  readonly rencode: Buffer | undefined;
}

/**
 * Method and arguments of a call as they stand in a request.
 *
 * @throws ValueError naming the place of what cannot be sent, as in `args[0].ids[2] is a function`.
 */
export function encodeArguments(method: string, args: unknown = [], kwargs: unknown = {}): Buffer {
  if (typeof method !== 'string') throw unsendable(method, 'method');
  if (!Array.isArray(args)) throw unsendable(args, 'args');
  if (!isPlainObject(kwargs)) throw unsendable(kwargs, 'kwargs');
  return Buffer.concat([
    encodeRencode(method, 'method'),
    encodeRencode(args, 'args'),
    encodeRencode(kwargs, 'kwargs'),
  ]);
}

/** A request with one call, of what {@link encodeArguments} gave: its bytes, and what is in them. */
export function encodeCall(id: number, methodAndArguments: Buffer): Packet & { bytes: Buffer } {
  const heads = Buffer.of(CODE.firstList + 1, CODE.firstList + 4);
  const rencode = Buffer.concat([heads, encodeRencode(id, 'id'), methodAndArguments]);
  const bytes = encodeFrame(rencode);
  return { bytes, size: bytes.length, body: bytes.subarray(HEAD_SIZE), rencode };
}

/** A frame around a rencode value. */
function encodeFrame(rencode: Buffer): Buffer {
  const body = rencode.length > LARGEST_STORED ? deflateSync(rencode) : store(rencode);
  const head = Buffer.alloc(HEAD_SIZE);
  head.writeUInt8(VERSION);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

/**
 * Bytes as zlib has them without compressing (RFC 1950, RFC 1951 section 3.2.4): a head, one stored block, a checksum.
 * To compress a short call takes zlib a quarter of a megabyte for a moment, which keeps the garbage collector busy.
 */
function store(bytes: Buffer): Buffer {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % ADLER_MODULUS;
    high = (high + low) % ADLER_MODULUS;
  }
  const stored = Buffer.allocUnsafe(bytes.length + 11);
  stored.set([0x78, 0x01, 0x01]);
  stored.writeUInt16LE(bytes.length, 3);
  stored.writeUInt16LE(0xffff - bytes.length, 5);
  stored.set(bytes, 7);
  stored.writeUInt16BE(high, stored.length - 4);
  stored.writeUInt16BE(low, stored.length - 2);
  return stored;
}

/** Finds the frames in a stream of bytes, however it is cut. */
export class FrameReader {
  readonly #limit: number;
  #held = new Pieces();
  /** Bytes that must be held before there is something to do. */
  #needed = 1;
  /** Bytes of a frame that is too large, yet to be passed over. */
  #skipped = 0;

  /** @param limit bytes of a body; of a larger one no more is kept than its beginning. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * The frames that end in this chunk.
   *
   * @throws SyntaxError where it is no frame of Deluge 2; its message is the beginning of what came instead.
   */
  *read(chunk: Buffer): Generator<Frame> {
    const skipped = Math.min(this.#skipped, chunk.length);
    this.#skipped -= skipped;
    if (skipped === chunk.length) return;
    this.#held.add(chunk.subarray(skipped));
    while (this.#held.size >= this.#needed) {
      const frame = this.#frame(this.#held.bytes());
      if (frame) yield frame;
    }
  }

  /** Looks at what is held: the frame that is whole, or the number of bytes that it needs. */
  #frame(bytes: Buffer): Frame | undefined {
    checkHead(bytes);
    if (bytes.length < HEAD_SIZE + ZLIB_HEAD_SIZE) {
      this.#needed = HEAD_SIZE + ZLIB_HEAD_SIZE;
      return undefined;
    }
    const length = bytes.readUInt32BE(1);
    const isWhole = length <= this.#limit;
    this.#needed = HEAD_SIZE + (isWhole ? length : Math.min(length, PEEKED_SIZE));
    if (bytes.length < this.#needed) return undefined;
    const size = HEAD_SIZE + length;
    const body = bytes.subarray(HEAD_SIZE, this.#needed);
    const rest = bytes.subarray(size);
    this.#skipped = Math.max(0, size - bytes.length);
    this.#held = new Pieces();
    if (rest.length > 0) this.#held.add(rest);
    this.#needed = 1;
    return { size, body, isWhole };
  }
}

/** What is no frame is known by its first bytes, before anybody waits for the length that it seems to claim. */
function checkHead(bytes: Buffer): void {
  const [version] = bytes;
  const isLong = bytes.length >= HEAD_SIZE + ZLIB_HEAD_SIZE;
  const isZlib =
    !isLong || (bytes.readUInt16BE(HEAD_SIZE) % 31 === 0 && bytes.readUInt32BE(1) >= ZLIB_HEAD_SIZE);
  if (version !== VERSION || !isZlib) throw new SyntaxError(bytes.toString());
}

/**
 * What is in a frame.
 *
 * @param limit bytes of the decompressed value.
 * @throws SyntaxError where it is no message of Deluge's, RPCError where it has too many values.
 */
export function decodeFrame(
  { size, body, isWhole }: Frame,
  limit: number,
): { packet: Packet; message: DelugeMessage } {
  const rencode = isWhole ? inflate(body, limit) : undefined;
  const message: DelugeMessage = rencode
    ? toMessage(decodeRencode(rencode))
    : { kind: 'too large', id: idIn(body) };
  return { packet: { size, body, rencode }, message };
}

/** Bytes that Node reserves at once for what is decompressed; it takes no fewer than 64. */
const SMALLEST_CHUNK = 64;
const LARGEST_CHUNK = 256 * 1024;
/** How much larger it becomes: a list of torrents 10 times (observed), a short answer not at all. */
const EXPECTED_RATIO = 8;

/** Undefined where it is larger than the limit. */
function inflate(body: Buffer, limit: number, finishFlush?: number): Buffer | undefined {
  const maxOutputLength = Math.min(limit, bufferConstants.MAX_LENGTH);
  try {
    const chunkSize = Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, EXPECTED_RATIO * body.length));
    return inflateSync(body, {
      chunkSize,
      maxOutputLength,
      ...(finishFlush === undefined ? {} : { finishFlush }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw new SyntaxError((error as Error).message);
  }
}

/** The id of a result or an error, of which the beginning is enough. */
function idIn(body: Buffer): RpcValue | undefined {
  const beginning = inflate(body.subarray(0, PEEKED_SIZE), LARGEST_PEEK, zlibConstants.Z_SYNC_FLUSH);
  const [type, id] = decodeFirstItems(beginning as Buffer, 2);
  return type === TYPE.event ? undefined : id;
}

const TYPE = { result: 1, error: 2, event: 3 } as const;

function toMessage(value: RpcValue): DelugeMessage {
  if (Array.isArray(value)) {
    const [type, second, third, args, kwargs, traceback] = value;
    if (type === TYPE.result && value.length === 3) {
      return { kind: 'result', id: second as RpcValue, value: third as RpcValue };
    }
    if (type === TYPE.event && typeof second === 'string' && Array.isArray(third)) {
      return { kind: 'event', name: second, args: third };
    }
    if (type === TYPE.error && typeof third === 'string' && Array.isArray(args) && isPlainObject(kwargs)) {
      return {
        kind: 'error',
        id: second as RpcValue,
        error: { class: third, args, kwargs, traceback: traceback ?? null },
      };
    }
  }
  throw new SyntaxError('a message of an unknown kind');
}
