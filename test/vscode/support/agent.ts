import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type * as vscode from 'vscode';
import { waitFor } from './wait.ts';

const HOST_TIMEOUT_MS = 60_000;

/** The folder of the agent, an extension under development for a `Workbench`. */
export const agentExtension: string = path.join(import.meta.dirname, 'agent');

/** The environment variable that tells the agent where to listen. */
export const AGENT_SOCKET_VARIABLE = 'BT_RPC_TEST_AGENT';

/** What a test sends: runs in the extension host, so it sees nothing of the test but its argument (as JSON). */
export type HostFunction<A, T> = (
  api: typeof vscode,
  argument: A,
  require: (module: string) => never,
) => T | PromiseLike<T>;

interface Answer {
  readonly id?: number;
  readonly pid?: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Connection {
  readonly socket: Socket;
  readonly pid: number;
  readonly waiting: Map<number, PromiseWithResolvers<unknown>>;
}

/** Runs code in the extension host, for what the screen does not tell. */
export class Agent {
  readonly #path: string;
  #connection: Promise<Connection> | undefined;
  #gonePid = 0;
  #lastId = 0;

  constructor(socketPath: string) {
    this.#path = socketPath;
  }

  /**
   * Runs a function in the extension host and returns its result, both ways as JSON:
   * `agent.run((vscode, id) => vscode.extensions.getExtension(id)?.isActive, 'bt-rpc.bt-rpc')`.
   * Modules come from its third parameter, `require`.
   */
  async run<T, A = undefined>(code: HostFunction<A, T>, argument?: A): Promise<T> {
    const { socket, waiting } = await this.#connect();
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const message = { id, argument, code: `return (${code})(vscode, argument, require)` };
    socket.write(`${JSON.stringify(message)}\n`);
    return answer.promise as Promise<T>;
  }

  /** The extension host's process. */
  async pid(): Promise<number> {
    return (await this.#connect()).pid;
  }

  /** To be called before the page is loaded again: the next `run` waits for the next extension host. */
  async leaveHost(): Promise<void> {
    const { pid, socket } = await this.#connect();
    this.#gonePid = pid;
    this.#connection = undefined;
    socket.destroy();
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) (await connection.catch(() => undefined))?.socket.destroy();
  }

  #connect(): Promise<Connection> {
    this.#connection ??= waitFor(
      'the agent in the extension host',
      () => this.#tryToConnect(),
      HOST_TIMEOUT_MS,
    );
    return this.#connection;
  }

  async #tryToConnect(): Promise<Connection | undefined> {
    const socket = connect(this.#path);
    const hello = Promise.withResolvers<number>();
    const waiting: Connection['waiting'] = new Map();
    socket.on('error', hello.reject);
    socket.on('close', () => {
      const error = new Error('The extension host went away.');
      hello.reject(error);
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    createInterface(socket)
      .on('error', () => {})
      .on('line', line => {
        const { id, pid, value, error }: Answer = JSON.parse(line);
        if (pid) hello.resolve(pid);
        const answer = waiting.get(id ?? 0);
        waiting.delete(id ?? 0);
        if (error === undefined) answer?.resolve(value);
        else answer?.reject(new Error(`In the extension host: ${error}`));
      });
    const pid = await hello.promise;
    if (pid !== this.#gonePid) return { socket, pid, waiting };
    socket.destroy();
    return undefined;
  }
}
