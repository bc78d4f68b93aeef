/** Changes of the value of `btRpc.clients`, in the text of a settings file or in the value itself. */
import { applyEdits, findNodeAtLocation, getNodeValue, modify, type Node, parseTree } from 'jsonc-parser';
import { SETTING_IDS } from '../ids.ts';

/** One change of the value of `btRpc.clients`. */
export interface SettingEdit {
  /** From the value's root; an index equal to the length appends. */
  readonly path: readonly (string | number)[];
  /** Undefined is to be removed. */
  readonly value: unknown;
}

/** The value of `btRpc.clients` in a settings file; undefined where it has none. */
export function clientsIn(text: string): unknown {
  const node = find(text, []);
  return node && getNodeValue(node);
}

/** The text of a settings file with the edits made, one after the other; comments and format stay. */
export function editText(text: string, edits: readonly SettingEdit[]): string {
  return edits.reduce((current, { path, value }) => {
    const [index] = path;
    if (value === undefined && path.length === 1 && typeof index === 'number')
      return withoutItem(current, index);
    return set(current, path, value);
  }, text);
}

/** Whether the value stands there as VS Code itself writes it, with nothing to lose. */
export function isPlain(text: string): boolean {
  return set(text, [], clientsIn(text)) === text;
}

/** The value with the edits made. */
export function withEdits(clients: readonly unknown[], edits: readonly SettingEdit[]): unknown {
  const key = SETTING_IDS.clients;
  return JSON.parse(editText(JSON.stringify({ [key]: clients }), edits))[key];
}

function find(text: string, path: SettingEdit['path']): Node | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  return tree && findNodeAtLocation(tree, [SETTING_IDS.clients, ...path]);
}

function set(text: string, path: SettingEdit['path'], value: unknown): string {
  const formattingOptions = {
    insertSpaces: !/^\t/m.test(text),
    tabSize: /^ +/m.exec(text)?.[0].length ?? 2,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  // What only changes or goes leaves the format of what is around it alone.
  const isNew = value !== undefined && (path.length === 0 || !find(text, path));
  const options = isNew ? { formattingOptions } : {};
  return applyEdits(text, modify(text, [SETTING_IDS.clients, ...path], value, options));
}

/** Not by the parser's own `modify`, which takes comments along, and leaves a brace of a last one in one line (3.3.1). */
function withoutItem(text: string, index: number): string {
  const items = find(text, [])?.children ?? [];
  const [previous, item, next] = [items[index - 1], items[index], items[index + 1]];
  if (!item) return text;
  if (next) {
    // What follows in its line is about it, what stands in the lines before the next one about that.
    const [gap] = /^\s*,[ \t]*(?:\/\/.*)?\s*/.exec(text.slice(endOf(item), next.offset)) ?? [];
    return gap === undefined
      ? set(text, [index], undefined)
      : cut(text, item.offset, endOf(item) + gap.length);
  }
  const isAlone = previous && /^[\s,]*$/.test(text.slice(endOf(previous), item.offset));
  return cut(text, isAlone ? endOf(previous) : item.offset, endOf(item));
}

function cut(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(end);
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}
