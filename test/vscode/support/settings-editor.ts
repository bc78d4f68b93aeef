import type { Agent } from './agent.ts';
import { waitFor } from './wait.ts';

/** Changes the text of settings.json in an editor, as somebody does who types it; saved, the editor is closed. */
export async function typeSettings(
  agent: Agent,
  change: (text: string) => string,
  { isSaved = true } = {},
): Promise<void> {
  await agent.run(api => api.commands.executeCommand('workbench.action.openApplicationSettingsJson'));
  // The extension host hears of the editor a little later.
  const { before } = await waitFor('settings.json in the editor', () =>
    agent.run(api => {
      const document = api.window.activeTextEditor?.document;
      return document?.uri.path.endsWith('/settings.json') ? { before: document.getText() } : undefined;
    }),
  );
  await agent.run(async (api, text) => {
    const editor = api.window.activeTextEditor;
    const all = new api.Range(0, 0, editor?.document.lineCount ?? 0, 0);
    if (!(await editor?.edit(edit => edit.replace(all, text))))
      throw new Error('settings.json did not change');
  }, change(before));
  if (!isSaved) return;
  // Not by the document: in the browser its address here is not the one that VS Code's own settings have.
  await agent.run(async api => {
    await api.commands.executeCommand('workbench.action.files.save');
    await api.commands.executeCommand('workbench.action.closeActiveEditor');
  });
}
