/** *Add Trackers*: asks for their announce URLs. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import { toName } from '../../../util/text.ts';
import type { App } from '../../app.ts';
import { askText, isValue } from '../../prompts.ts';
import { registerCommand } from '../targets.ts';
import { namesOf } from './questions.ts';
import { changeTorrents } from './run.ts';
import { targetTorrents } from './targets.ts';

export function registerAddTrackers(app: App): void {
  registerCommand(app, COMMAND_IDS.addTrackers, async (...args) => {
    const title = vscode.l10n.t('Add Trackers');
    const targets = await targetTorrents(app, args, { title, action: 'addTrackers' });
    if (targets.length === 0) return;
    const text = await askText({
      title,
      prompt: vscode.l10n.t(
        'Announce URLs to add to {0}, with spaces between them',
        namesOf(targets.flatMap(({ torrents }) => torrents)),
      ),
      placeholder: 'https://tracker.example/announce',
      validate: problemOfTrackers,
    });
    if (!isValue(text)) return;
    await changeTorrents(
      app,
      {
        title,
        action: 'addTrackers',
        work: async ({ actions, rpc, infoHashes, signal }) =>
          actions.addTrackers?.(rpc, infoHashes, urlsIn(text), signal),
      },
      targets,
    );
  });
}

const urlsIn = (text: string) => [...new Set(text.split(/\s+/).filter(Boolean))];

function problemOfTrackers(text: string): string | undefined {
  const urls = urlsIn(text);
  if (urls.length === 0) return vscode.l10n.t('At least one announce URL');
  const wrong = urls.find(url => !/^(https?|udp|wss?):\/\/[^/]/i.test(url) || !URL.canParse(url));
  return wrong && vscode.l10n.t('No announce URL of http, https, udp, ws or wss: {0}', toName(wrong));
}
