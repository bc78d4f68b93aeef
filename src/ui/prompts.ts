/** Quick inputs with a title, steps and a way back. */
import * as vscode from 'vscode';
import { toPrompt } from '../util/text.ts';

/** What a step of a dialogue ends with, besides a value: the user went back, or left. */
export const BACK = Symbol('back');
export const LEFT = Symbol('left');
export type Answer<T> = T | typeof BACK | typeof LEFT;

/** Whether the user answered. */
export function isValue<T>(answer: Answer<T>): answer is T {
  return answer !== BACK && answer !== LEFT;
}

/** Where a step stands in its dialogue. */
export interface StepInfo {
  readonly title: string;
  /** From 1; without it neither counter nor way back is shown. */
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
}

export interface TextStep extends StepInfo {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string | undefined;
  /** Masks what is typed. */
  readonly isPassword?: boolean;
  /** What is wrong with a text, or undefined. Enter does nothing while something is. */
  validate?(text: string): string | undefined;
  /** Hears what stands in the box when the user goes back. */
  keep?(text: string): void;
}

/** Asks for a text. */
export function askText(step: TextStep): Promise<Answer<string>> {
  const box = vscode.window.createInputBox();
  box.prompt = toPrompt(step.prompt);
  box.placeholder = step.placeholder ?? '';
  box.value = step.value ?? '';
  box.password = step.isPassword ?? false;
  const validate = () => {
    const problem = step.validate?.(box.value);
    box.validationMessage = problem && toPrompt(problem);
    return problem === undefined;
  };
  box.onDidChangeValue(validate);
  return show(
    box,
    step,
    () => (validate() ? box.value : undefined),
    () => step.keep?.(box.value),
  );
}

export interface PickStep<T extends vscode.QuickPickItem> extends StepInfo {
  readonly placeholder: string;
  /** While they are on their way the list shows progress. */
  readonly items: readonly T[] | Promise<readonly T[]>;
  /** Whether an item is the one selected at first. */
  isActive?(item: T): boolean;
  /** What a text stands for, as the first row: one of the list, or an item of its own. */
  itemFor?(text: string, items: readonly T[]): T | undefined;
}

/**
 * Asks to choose from a list.
 *
 * @throws what a promise of items rejects with, unless the user has answered before.
 */
export async function askPick<T extends vscode.QuickPickItem>(step: PickStep<T>): Promise<Answer<T>> {
  const pick = vscode.window.createQuickPick<T>();
  let items: readonly T[] = [];
  /** The first row, until VS Code says that it is active. */
  let awaited: T | undefined;
  const update = () => {
    awaited = step.itemFor?.(pick.value, items);
    pick.items = step.itemFor ? withFirst(awaited, items) : items;
  };
  pick.onDidChangeActive(([active]) => {
    if (active === awaited) awaited = undefined;
  });
  // Else VS Code puts what begins with the text before it. Its types do not know of this (observed on 1.106 and 1.139).
  if (step.itemFor) Object.assign(pick, { sortByLabel: false });
  // Enter right after a word means that word, not a row of before that has nothing to do with it.
  const read = () => {
    const [active] = pick.activeItems;
    const isMeant = active?.label.includes(pick.value.trim()) && !(awaited && items.includes(awaited));
    return isMeant ? active : (awaited ?? active);
  };
  const fill = (all: readonly T[]) => {
    items = all;
    pick.busy = false;
    update();
    // Without one the first is.
    const active = all.filter(item => step.isActive?.(item));
    if (active.length > 0) pick.activeItems = active;
  };
  pick.placeholder = step.placeholder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.busy = true;
  pick.onDidChangeValue(update);
  return answered(pick, step, fill, read);
}

export interface PickManyStep<T extends vscode.QuickPickItem> extends StepInfo {
  readonly placeholder: string;
  /** While they are on their way the list shows progress. */
  readonly items: readonly T[] | Promise<readonly T[]>;
  /** Whether an item is ticked at first. */
  isPicked?(item: T): boolean;
  /** Whether Enter takes the active row where nothing was ever ticked. */
  readonly takesActive?: boolean;
  /** An item for a text that is none of the list, as the first row. */
  itemFor?(text: string, items: readonly T[]): T | undefined;
}

/**
 * Asks to choose any number from a list.
 *
 * @throws what a promise of items rejects with, unless the user has answered before.
 */
export async function askMany<T extends vscode.QuickPickItem>(
  step: PickManyStep<T>,
): Promise<Answer<readonly T[]>> {
  const pick = vscode.window.createQuickPick<T>();
  let items: readonly T[] = [];
  let wasTicked = false;
  const update = (picked: readonly T[]) => {
    // What was made of a text and ticked stays.
    const own = picked.filter(item => !items.includes(item));
    const fresh = step.itemFor?.(pick.value, [...own, ...items]);
    pick.items = [...(fresh ? [fresh] : []), ...own, ...items];
    pick.selectedItems = picked;
    if (picked.length > 0) wasTicked = true;
  };
  const read = () => {
    const [active] = pick.activeItems;
    const isMeant = active?.label.toLowerCase().includes(pick.value.trim().toLowerCase());
    return step.takesActive && !wasTicked && active && isMeant ? [active] : pick.selectedItems;
  };
  const fill = (all: readonly T[]) => {
    items = all;
    pick.busy = false;
    update(all.filter(item => step.isPicked?.(item)));
  };
  pick.canSelectMany = true;
  pick.placeholder = step.placeholder;
  pick.matchOnDescription = true;
  pick.busy = true;
  pick.onDidChangeSelection(({ length }) => {
    if (length > 0) wasTicked = true;
  });
  if (step.itemFor) pick.onDidChangeValue(() => update(pick.selectedItems));
  return answered(pick, step, fill, () => (pick.busy ? undefined : read()));
}

/**
 * The items after the first row. Each keeps its place whatever the text, for VS Code names the active one by its place,
 * and may mean the rows of a moment ago: who types fast would get a neighbour.
 */
function withFirst<T extends vscode.QuickPickItem>(first: T | undefined, items: readonly T[]): T[] {
  const nothing = { label: '', kind: vscode.QuickPickItemKind.Separator } as T;
  // No text finds it where it has no label.
  return [
    first ?? nothing,
    ...items.map(item => (item === first ? { ...item, label: '', detail: '' } : item)),
  ];
}

/** Shows a list, filled at once or when its items have come. */
async function answered<T extends vscode.QuickPickItem, Value>(
  pick: vscode.QuickPick<T>,
  { items, ...info }: StepInfo & { readonly items: readonly T[] | Promise<readonly T[]> },
  fill: (items: readonly T[]) => void,
  read: () => Value | undefined,
): Promise<Answer<Value>> {
  if (!(items instanceof Promise)) fill(items);
  const answer = show(pick, info, read);
  if (!(items instanceof Promise)) return answer;
  const failure = items.then(fill).then(() => answer);
  try {
    return await Promise.race([answer, failure]);
  } finally {
    pick.dispose();
  }
}

function show<T>(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, step, totalSteps }: StepInfo,
  read: () => T | undefined,
  goBack?: () => void,
): Promise<Answer<T>> {
  input.title = title;
  input.step = step;
  input.totalSteps = totalSteps;
  // Somebody who looks up a password elsewhere finds what was typed still there.
  input.ignoreFocusOut = true;
  if (step !== undefined && step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  return new Promise(resolve => {
    input.onDidAccept(() => {
      const value = read();
      if (value === undefined) return;
      resolve(value);
      input.dispose();
    });
    input.onDidTriggerButton(button => {
      if (button !== vscode.QuickInputButtons.Back) return;
      goBack?.();
      resolve(BACK);
      input.dispose();
    });
    input.onDidHide(() => {
      resolve(LEFT);
      input.dispose();
    });
    input.show();
  });
}

/** One step of a dialogue that fills in `State`. */
export interface Step<State> {
  /** Whether it is passed over, as its answer is known or does not apply. */
  isSkipped?(state: State): boolean;
  /** @param keep keeps what was typed, where the user goes back. */
  ask(
    state: State,
    info: Required<Pick<StepInfo, 'step' | 'totalSteps'>>,
    keep: (part: Partial<State>) => void,
  ): Promise<Answer<Partial<State>>>;
}

/**
 * Asks the steps in turn; the way back leads to the one before, its answer still there.
 *
 * @param from the index of the step to begin with.
 * @returns the state filled in; undefined where the user left.
 */
export async function askSteps<State>(
  steps: readonly Step<State>[],
  initial: State,
  from = 0,
): Promise<State | undefined> {
  let state = initial;
  const past: number[] = [];
  for (let index = from; index < steps.length; ) {
    const step = steps[index] as Step<State>;
    if (step.isSkipped?.(state)) {
      index += 1;
      continue;
    }
    const totalSteps = steps.filter(each => !each.isSkipped?.(state)).length;
    const number = steps.slice(0, index).filter(each => !each.isSkipped?.(state)).length + 1;
    const answer = await step.ask(state, { step: number, totalSteps }, part => {
      state = { ...state, ...part };
    });
    if (answer === LEFT) return undefined;
    if (answer === BACK) {
      index = past.pop() ?? previous(steps, state, index);
      continue;
    }
    state = { ...state, ...answer };
    past.push(index);
    index += 1;
  }
  return state;
}

function previous<State>(steps: readonly Step<State>[], state: State, index: number): number {
  for (let i = index - 1; i >= 0; i -= 1) if (!steps[i]?.isSkipped?.(state)) return i;
  return index;
}
