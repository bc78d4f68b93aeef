// What all who take part have in common.

/** Where a daemon listens, and who may log in. */
export interface Place {
  readonly url: string;
  /** Empty where it asks for no log-in. */
  readonly username: string;
  readonly password: string;
}

/** Who takes part: a way to talk to one kind of daemon. */
export interface Contender {
  /** As far as this way knows such a thing: the calls come right after it. */
  connect(): unknown;
  /** The smallest call there is, such as for the daemon's version. */
  call(): Promise<unknown>;
  /** All torrents with 20 fields each, decoded; an array of them, or an object by hash. */
  list(): Promise<object>;
  /** The answer to that as it came, unpacked but not decoded; one way for each kind of daemon has it. */
  raw?(): Promise<string | Uint8Array>;
  close(): unknown;
}

/** Makes one for a daemon; nothing is opened yet. */
export type MakeContender = (place: Place) => Contender | Promise<Contender>;

/** What it costs at least: undici alone, and sockets alone. */
export const FLOORS = ['undici', 'socket'] as const;

/** By name: ours is `core`, two are {@link FLOORS}, all others are packages of npm. */
export type Contenders = Readonly<Record<string, MakeContender>>;

/** A package that only the benchmark has: its types are nobody's here. */
// biome-ignore lint/suspicious/noExplicitAny: whatever such a package exports
export const load = (name: string): Promise<any> => import(name);

/** The value that a callback of Node's kind is given. */
export function fromCallback<T>(start: (callback: (error: unknown, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value))));
}

/** The value of `Authorization` for HTTP basic. */
export const basic = ({ username, password }: Place): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
