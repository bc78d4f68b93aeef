/** *Call Method*: client, method, parameters; the answer as a document beside. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toLabel } from '../../util/text.ts';
import { METHODS } from '../../workbench/methods.ts';
import { parseObjectParams } from '../../workbench/params.ts';
import { toErrorText, toResultText } from '../../workbench/result.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import type { ResultDocuments } from '../documents.ts';
import { showClientError, withCancel } from '../messages.ts';
import { askPick, askSteps, askText, BACK, LEFT } from '../prompts.ts';
import { type Target, targetClient } from './targets.ts';

export function registerCallMethod(app: App, documents: ResultDocuments): void {
  app.context.subscriptions.push(
    vscode.commands.registerCommand(COMMAND_IDS.callMethod, async (target: Target) => {
      const client = await targetClient(app, target, vscode.l10n.t('Call Method'));
      const request = client && (await askRequest(client));
      if (request) await callMethod(app, documents, client, request);
    }),
  );
}

/** A call as it was asked for. */
interface Request {
  readonly method: string;
  /** One line of JSON. */
  readonly params: string;
}

function askRequest({ entry }: ManagedClient): Promise<Request | undefined> {
  const methods = METHODS[entry.type];
  const title = vscode.l10n.t('Call Method of {0}', toLabel(entry.name));
  return askSteps<Request>(
    [
      {
        async ask({ method }, info) {
          const items = methods.map(({ name, summary, template }) => ({
            label: name,
            detail: summary,
            name,
            template,
          }));
          const answer = await askPick({
            title,
            placeholder: vscode.l10n.t('Choose a method, or type its name'),
            items,
            active: items.find(({ name }) => name === method),
            itemFor: text => ownItem(text.trim(), items),
            ...info,
          });
          return answer === BACK || answer === LEFT
            ? answer
            : { method: answer.name, params: answer.template };
        },
      },
      {
        async ask({ method, params }, info) {
          const answer = await askText({
            title: `${title}: ${method}`,
            prompt: vscode.l10n.t('Parameters as JSON (leave empty for none)'),
            placeholder: '{ }',
            value: params,
            validate: text => problemIn(text),
            ...info,
          });
          return answer === BACK || answer === LEFT ? answer : { params: answer };
        },
      },
    ],
    { method: '', params: '' },
  );
}

/** A text that is no listed name is the first row itself. */
function ownItem(text: string, items: readonly { name: string }[]) {
  if (text === '' || items.some(({ name }) => name === text)) return undefined;
  return {
    label: vscode.l10n.t('Call "{0}"', text),
    detail: vscode.l10n.t('Not in the list of methods'),
    name: text,
    template: '',
    alwaysShow: true,
  };
}

function problemIn(text: string): string | undefined {
  const parsed = parseObjectParams(text);
  return 'problem' in parsed ? parsed.problem : undefined;
}

async function callMethod(
  { log }: App,
  documents: ResultDocuments,
  client: ManagedClient,
  { method, params }: Request,
): Promise<void> {
  const { name } = client.entry;
  const parsed = parseObjectParams(params);
  if ('problem' in parsed) return;
  const startedAt = performance.now();
  const took = () => `${Math.round(performance.now() - startedAt)} ms`;
  const title = vscode.l10n.t('Calling {0} of {1}…', method, toLabel(name));
  try {
    const value = parsed.value as Record<string, unknown> | undefined;
    const result = await withCancel(title, signal => client.call(method, value, signal));
    log.info(name, `${method} ${took()} ok`);
    await documents.show(name, method, toResultText(result));
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      log.info(name, `${method} ${took()} cancelled`);
      return;
    }
    const problem = error as Error;
    log.info(name, `${method} ${took()} ${problem.name}: ${toLabel(problem.message)}`);
    if (problem.name === 'RPCError') await documents.show(name, method, toErrorText(problem));
    showClientError(client, problem);
  }
}
