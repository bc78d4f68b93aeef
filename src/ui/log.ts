/** The *BT RPC* output channel: the one place that makes it. */
import * as vscode from 'vscode';
import { LOG_CHANNEL_NAME } from '../ids.ts';
import { toLabel } from '../util/text.ts';

export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel(LOG_CHANNEL_NAME, { log: true });

  /** A line about a client. */
  info(client: string, text: string): void {
    this.#channel.info(line(client, text));
  }

  debug(client: string, text: string): void {
    this.#channel.debug(line(client, text));
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
