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
