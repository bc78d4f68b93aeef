/**
 * Values of an answer. As many as have room within the default of `maxResponseSize`, 16 bytes for each; what writes them
 * shorter (a list takes rencode one byte, and packed nothing at all) would take gigabytes of memory.
 */
export const MOST_VALUES = 2 ** 24;

/**
 * What an answer is made of, whatever the protocol. Integers beyond ±2^53 are `bigint`, bytes come from XML-RPC's base64
 * and qBittorrent's files only, and `null` is none in Transmission's and qBittorrent's words, None in Deluge's.
 */
export type RpcValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | RpcValue[]
  | { [key: string]: RpcValue };
