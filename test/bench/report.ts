// The tables: what the core takes, and how many times that is of what the others take.

export const MEGABYTE = 1_000_000;

/** How much of another's time, processor or memory may be ours; more is a target missed. */
export interface Limits {
  readonly [other: string]: number;
}

/** One line of a table. */
export interface Row {
  readonly label: string;
  /** Ours, with its unit. */
  readonly core: string;
  /** Ours divided by theirs; no number where they have none. */
  readonly ratios: Readonly<Record<string, number | undefined>>;
  readonly limits: Limits;
}

/** One table. */
export interface Table {
  readonly title: string;
  readonly others: readonly string[];
  readonly rows: readonly Row[];
}

const MISSED = '✗';

function cell(row: Row, other: string): string {
  const ratio = row.ratios[other];
  if (ratio === undefined || !Number.isFinite(ratio)) return '';
  return isMissed(row, other) ? `**${ratio.toFixed(2)}** ${MISSED}` : ratio.toFixed(2);
}

function isMissed({ ratios, limits }: Row, other: string): boolean {
  const ratio = ratios[other];
  const limit = limits[other];
  // What is shown as the limit is at the limit.
  return ratio !== undefined && limit !== undefined && Number(ratio.toFixed(2)) > limit;
}

/** A table in Markdown, its columns aligned. */
export function toMarkdown({ title, others, rows }: Table): string {
  const lines = [
    ['', 'core', ...others.map(other => `÷ ${other}`)],
    ...rows.map(row => [row.label, row.core, ...others.map(other => cell(row, other))]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(3, ...lines.map(line => (line[column] ?? '').length))) ?? [];
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => (column ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = lines;
  const rule = `| ${widths.map((width, column) => (column ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  return [`### ${title}`, '', toLine(head), rule, ...body.map(toLine)].join('\n');
}

/** What was missed, a line each. */
export function missedIn({ title, others, rows }: Table): string[] {
  return rows.flatMap(row =>
    others
      .filter(other => isMissed(row, other))
      .map(
        other =>
          `${title}, ${row.label}: ${row.ratios[other]?.toFixed(2)} × ${other}, target ${row.limits[other]}`,
      ),
  );
}
