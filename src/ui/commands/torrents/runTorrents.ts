/** *Start Torrent*, *Start Torrent Now*, *Stop Torrent*, *Verify Torrent* and *Reannounce Torrent*. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../../ids.ts';
import type { Torrent } from '../../../torrents/torrent.ts';
import type { App } from '../../app.ts';
import { registerCommand } from '../targets.ts';
import { changeTorrents, type TorrentAction } from './run.ts';
import { targetTorrents } from './targets.ts';

/** A command that needs to know nothing but its torrents. */
interface PlainCommand {
  readonly id: string;
  readonly title: string;
  readonly action: 'start' | 'startNow' | 'stop' | 'verify' | 'reannounce';
  expected?(before: Torrent): Partial<Torrent>;
}

export function registerRunTorrents(app: App): void {
  for (const command of plainCommands()) {
    const { id, title, action } = command;
    registerCommand(app, id, async (...args) => {
      const targets = await targetTorrents(app, args, { title, action });
      const work: TorrentAction = {
        ...command,
        work: async ({ actions, rpc, infoHashes, signal }) => actions[action]?.(rpc, infoHashes, signal),
      };
      await changeTorrents(app, work, targets);
    });
  }
}

function plainCommands(): readonly PlainCommand[] {
  return [
    {
      id: COMMAND_IDS.startTorrent,
      title: vscode.l10n.t('Start Torrent'),
      action: 'start',
      expected: started,
    },
    {
      id: COMMAND_IDS.startTorrentNow,
      title: vscode.l10n.t('Start Torrent Now'),
      action: 'startNow',
      expected: started,
    },
    {
      id: COMMAND_IDS.stopTorrent,
      title: vscode.l10n.t('Stop Torrent'),
      action: 'stop',
      expected: () => ({ state: 'stopped', downloadRate: 0, uploadRate: 0, eta: undefined }),
    },
    {
      id: COMMAND_IDS.verifyTorrent,
      title: vscode.l10n.t('Verify Torrent'),
      action: 'verify',
      expected: () => ({ state: 'checking', progress: 0 }),
    },
    {
      id: COMMAND_IDS.reannounceTorrent,
      title: vscode.l10n.t('Reannounce Torrent'),
      action: 'reannounce',
    },
  ];
}

/** What is done already goes on. */
function started({ state, progress }: Torrent): Partial<Torrent> {
  const isIdle = state === 'stopped' || state === 'queued' || state === 'error';
  return isIdle ? { state: progress >= 1 ? 'seeding' : 'downloading' } : {};
}
