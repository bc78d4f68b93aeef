import { Menu } from './menu.ts';
import { exactly } from './wait.ts';
import type { Workbench } from './workbench.ts';

/** Chooses from the explorer's menu of files of the open folder, all of them selected. */
export async function chooseInExplorer(
  workbench: Workbench,
  item: string,
  ...[first, ...others]: readonly [string, ...string[]]
): Promise<void> {
  const { page } = workbench;
  await workbench.openContainer('Explorer');
  const rowOf = (file: string) =>
    page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: page.locator('.label-name').filter({ hasText: exactly(file) }) });
  const select = async (file: string, modifiers: readonly 'ControlOrMeta'[]) => {
    await rowOf(file).click({ modifiers: [...modifiers] });
    await rowOf(file).and(page.locator('.selected')).waitFor();
  };
  await select(first, []);
  for (const file of others) await select(file, ['ControlOrMeta']);
  await rowOf(first).click({ button: 'right' });
  await (await new Menu(page).opened()).choose(item);
}
