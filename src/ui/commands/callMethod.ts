/** *Call Method*: client, method, parameters; the answer as a document beside. */
import * as vscode from 'vscode';
import { COMMAND_IDS } from '../../ids.ts';
import { toLabel, toName, toPickLabel } from '../../util/text.ts';
import type { Method } from '../../workbench/method.ts';
import { parseParams } from '../../workbench/params.ts';
import { toErrorText, toResultText } from '../../workbench/result.ts';
import type { App } from '../app.ts';
import type { ManagedClient } from '../client.ts';
import type { ResultDocuments } from '../documents.ts';
import { showClientError, withCancel } from '../messages.ts';
import { askPick, askSteps, askText, isValue, type Step } from '../prompts.ts';
import { currentClient, registerCommand, targetClient } from './targets.ts';

export function registerCallMethod(app: App, documents: ResultDocuments): void {
  registerCommand(app, COMMAND_IDS.callMethod, async target => {
    const client = await targetClient(app, target, vscode.l10n.t('Call Method'));
    const request = client && (await askRequest(client));
    // Its settings may have changed meanwhile.
    if (request) await callMethod(documents, currentClient(app, client.entry.name), request);
  });
}

/** A call as it was asked for. */
interface Request {
  readonly method: string;
  /** One line of JSON. */
  readonly params: string;
}

async function askRequest(client: ManagedClient): Promise<Request | undefined> {
  const title = vscode.l10n.t('Call Method of {0}', toLabel(client.entry.name));
  const asking = new AbortController();
  // Asked for once, also when the user goes back to this step.
  const items = client.methods(asking.signal).then(methods => methods.map(toItem));
  items.catch(() => {}); // who waits for it is told; where nobody does any more, nobody needs to know
  try {
    return await askSteps([methodStep(title, items), paramsStep(title, client)], { method: '', params: '' });
  } catch (error) {
    void showClientError(client, error as Error);
    return undefined;
  } finally {
    asking.abort(new vscode.CancellationError());
  }
}

interface MethodItem extends vscode.QuickPickItem {
  readonly method: Method;
}

const toItem = (method: Method): MethodItem => ({
  label: toPickLabel(method.name),
  detail: method.summary,
  method,
});

function methodStep(title: string, items: Promise<readonly MethodItem[]>): Step<Request> {
  return {
    async ask({ method, params }, info) {
      const answer = await askPick({
        title,
        placeholder: vscode.l10n.t('Choose a method, or type its name'),
        items,
        isActive: item => item.method.name === method,
        itemFor: (text, all) => itemFor(text.trim(), all),
        ...info,
      });
      if (!isValue(answer)) return answer;
      const { name, template } = answer.method;
      return { method: name, params: name === method ? params : template };
    },
  };
}

function paramsStep(title: string, { entry: { type } }: ManagedClient): Step<Request> {
  return {
    async ask({ method, params }, info, keep) {
      const answer = await askText({
        title: `${title}: ${toLabel(method)}`,
        prompt: vscode.l10n.t('Parameters as JSON (leave empty for none)'),
        value: params,
        validate: text => {
          const parsed = parseParams(type, text);
          return 'problem' in parsed ? parsed.problem : undefined;
        },
        keep: text => keep({ params: text }),
        ...info,
      });
      return isValue(answer) ? { params: answer } : answer;
    },
  };
}

/** The method of that name; a text that is no listed name is a row itself. */
function itemFor(text: string, items: readonly MethodItem[]): MethodItem | undefined {
  const listed = items.find(({ method }) => method.name === text);
  if (text === '' || listed) return listed;
  return {
    label: vscode.l10n.t('Call "{0}"', toPickLabel(text)),
    detail: vscode.l10n.t('Not in the list of methods'),
    method: { name: text, summary: '', template: '' },
    alwaysShow: true,
  };
}

async function callMethod(
  documents: ResultDocuments,
  client: ManagedClient,
  { method, params }: Request,
): Promise<void> {
  const { name, type } = client.entry;
  const parsed = parseParams(type, params);
  if ('problem' in parsed) return;
  const title = vscode.l10n.t('Calling {0} of {1}…', toName(method), toName(name));
  try {
    const result = await withCancel(title, signal => client.call(method, parsed.value, signal));
    await documents.show(name, method, toResultText(result));
  } catch (error) {
    if (error instanceof vscode.CancellationError) return;
    const problem = error as Error;
    if (problem.name === 'RPCError') await documents.show(name, method, toErrorText(problem));
    void showClientError(client, problem);
  }
}
