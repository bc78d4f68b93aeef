/** Foreign text made safe to show, and numbers made easy to read. */

/** Characters of a label. */
const LABEL_LENGTH = 200;
/** Characters of a name among other words. */
const NAME_LENGTH = 80;
/** Characters of a message. */
const MESSAGE_LENGTH = 500;
/** Characters of a tooltip. */
const TOOLTIP_LENGTH = 1000;

/** Control, bidirectional, zero-width and line-breaking characters, halves of characters, letters without a shape. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** What Markdown, and VS Code's own additions to it, give a meaning to. */
const MARKDOWN = /[\\`*_{}[\]()#+\-.!|<>~$&@:]/g;

/** A text from a daemon as a label: hidden characters as `\u{XX}`, cut at 200 characters. */
export function toLabel(text: string): string {
  return shorten(showHidden(text), LABEL_LENGTH);
}

/** A name from a daemon among other words, which are to be read as well: cut at 80 characters. */
export function toName(text: string): string {
  return shorten(showHidden(text), NAME_LENGTH);
}

/** A text with foreign words inside of a message: VS Code makes links, also to commands, of `[text](address)`. */
export function toMessage(text: string): string {
  return shorten(showHidden(text), MESSAGE_LENGTH).replaceAll('](', '] (');
}

/** A text from a daemon in a list to choose from, where `$(name)` would be an icon. */
export function toPickLabel(text: string): string {
  return toLabel(text).replaceAll('$(', '\\$(');
}

/** A text with foreign words above or below a box to type in, where VS Code makes links and icons. */
export function toPrompt(text: string): string {
  return toMessage(text).replaceAll('$(', '\\$(');
}

/** A text from a daemon inside of a Markdown tooltip: shown as it is, never interpreted, cut at so many characters. */
export function toMarkdown(text: string, length: number = TOOLTIP_LENGTH): string {
  return shorten(showHidden(text), length).replace(MARKDOWN, '\\$&');
}

/** A text with its hidden characters as `\u{XX}`. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, char => `\\u{${(char.codePointAt(0) as number).toString(16).toUpperCase()}}`);
}

/** Cut by characters as people count them, not by halves of surrogate pairs. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  // One character more than may stay, each at most two units long.
  const characters = Array.from(text.slice(0, 2 * (length + 1)));
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** Characters of a file's name, so that it stays below 255 bytes in UTF-8 with what is added. */
const FILE_NAME_LENGTH = 60;
/** What some system takes for something else in a file's name. */
const NO_FILE_NAME = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Names that Windows keeps for itself, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A text from a daemon as the name of a file on any system, without extension; empty where nothing is left. */
export function toFileName(text: string): string {
  const name = Array.from(text.replace(NO_FILE_NAME, '_').replace(/^[\s.]+/, ''))
    .slice(0, FILE_NAME_LENGTH)
    .join('')
    .replace(/[\s.]+$/, '');
  return name.replace(DEVICE, '_$&');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes with a decimal unit, such as `1.2 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Bytes per second, such as `1.2 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Seconds as the largest unit that fits, such as `3 min`; what rounds up to the next one is told in it. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  if (seconds < 59.5 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 23.5 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A fraction as a percentage that says 100 only when it is whole, such as `37 %`. */
export function formatProgress(fraction: number): string {
  return `${fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100))} %`;
}

/** A count with its noun, such as `1 torrent` or `12 torrents`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
