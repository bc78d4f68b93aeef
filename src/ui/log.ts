/** The *BT RPC* output channel: the one place that makes it. */
import * as vscode from 'vscode';
import { LOG_CHANNEL_NAME } from '../ids.ts';
import type { Exchange } from '../rpc/index.ts';
import { maskAnnounceUrls, maskInError } from '../util/announceUrls.ts';
import { formatBytes, showHidden, toLabel } from '../util/text.ts';
import { toResultText } from '../workbench/result.ts';

/** Characters of a body that are traced. */
const BODY_LENGTH = 10_000;
/** Characters of an event's arguments. */
const EVENT_LENGTH = 500;

export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel(LOG_CHANNEL_NAME, { log: true });

  /** A line about a client. */
  info(client: string, text: string): void {
    this.#channel.info(line(client, showHidden(text)));
  }

  /** A call of the user's: `session-get 12 ms 3.4 kB ok`. */
  call(client: string, method: string, ms: number, bytes: number | undefined, outcome: string): void {
    const size = bytes === undefined ? [] : [formatBytes(bytes)];
    this.info(client, [toLabel(method), `${Math.round(ms)} ms`, ...size, toLabel(outcome)].join(' '));
  }

  /** An event as the daemon sends it. */
  event(client: string, event: string, args: readonly unknown[]): void {
    const text = maskAnnounceUrls(toResultText(args).replaceAll(/\n\s*/g, ' ')).slice(0, EVENT_LENGTH);
    this.info(client, `event ${toLabel(event)} ${text}`);
  }

  /** A request of whatever session: a line and its heads at *Debug*, its bodies too at *Trace*. */
  exchange(client: string, exchange: Exchange): void {
    const { logLevel } = this.#channel;
    if (logLevel === vscode.LogLevel.Off || logLevel > vscode.LogLevel.Debug) return;
    const { id, method, milliseconds, sentBytes, receivedBytes, outcome, error } = exchange;
    const sizes = `sent ${formatBytes(sentBytes)}, received ${formatBytes(receivedBytes)}`;
    const end = error ? `${outcome}: ${toLabel(maskInError(error))}` : outcome;
    const head = `request ${id}: ${toLabel(method)} ${Math.round(milliseconds)} ms, ${sizes}, ${end}`;
    this.#channel.debug(line(client, head));
    for (const [direction, layers] of [
      ['>', exchange.request()],
      ['<', exchange.response()],
    ] as const) {
      for (const layer of layers) {
        const start = `request ${id} ${direction} ${layer.kind}, ${formatBytes(layer.size)}`;
        if (layer.head !== undefined)
          this.#channel.debug(line(client, `${start}\n${showBody(layer.head.trimEnd())}`));
        const body = layer.text ?? (layer.bytes && Buffer.from(layer.bytes).toString('latin1'));
        if (body) this.#channel.trace(line(client, `${start}\n${maskAnnounceUrls(showBody(body))}`));
      }
    }
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }
}

function line(client: string, text: string): string {
  return `[${toLabel(client)}] ${text}`;
}

/** The lines of a text stay, everything else that hides is shown. */
function showBody(text: string): string {
  const shown = text.slice(0, BODY_LENGTH).split(/\r?\n/).map(showHidden).join('\n');
  return text.length > BODY_LENGTH ? `${shown}\n…` : shown;
}
