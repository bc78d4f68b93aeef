/** *Trust Certificate*: pins the certificate that the daemon shows, after the user has seen its fingerprint. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toLabel, toMessage } from '../../util/text.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import { indexOfClient } from '../entries.ts';
import { registerCommand, type Target, targetClient } from './targets.ts';

export function registerTrustCertificate(app: App): void {
  registerCommand(app, COMMAND_IDS.trustCertificate, target => trust(app, target));
}

async function trust(app: App, target: Target): Promise<void> {
  const client = await targetClient(app, target, vscode.l10n.t('Trust Certificate'));
  if (!client) return;
  const name = toLabel(client.entry.name);
  const fingerprint256 = fingerprintOf(client);
  if (fingerprint256 === undefined) {
    void vscode.window.showInformationMessage(
      toMessage(vscode.l10n.t('{0} has shown no certificate. Connect to it over TLS first.', name)),
    );
    return;
  }
  const yes = vscode.l10n.t('Trust Certificate');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Trust the certificate of “{0}”?', name),
    {
      modal: true,
      detail: vscode.l10n.t(
        '{0}SHA-256 {1}\n\nCompare it with the certificate on the server. From then on {2} is connected to only while it shows this one.',
        client.certificate ? `${toLabel(client.certificate.subject)}\n` : '',
        fingerprint256,
        name,
      ),
    },
    yes,
  );
  if (choice !== yes) return;
  await app.settings.edit(clients => {
    const index = indexOfClient(clients, client.entry.name);
    return index < 0 ? [] : [{ path: [index, 'tls', 'fingerprint256'], value: fingerprint256 }];
  });
}

/** The certificate that was refused, else the one that was accepted. */
export function fingerprintOf({ error, certificate }: ManagedClient): string | undefined {
  const { info } = (error ?? {}) as { info?: { fingerprint256?: unknown } };
  return typeof info?.fingerprint256 === 'string' ? info.fingerprint256 : certificate?.fingerprint256;
}
