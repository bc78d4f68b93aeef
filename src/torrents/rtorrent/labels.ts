/** Labels as ruTorrent and Flood keep them: in `custom1`, percent-encoded, Flood's several with commas between. */

export function toLabels(custom1: string): readonly string[] {
  return [...new Set(custom1.split(',').map(decode))].filter(Boolean);
}

/** What others wrote may be no such text, and is then taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function fromLabels(labels: readonly string[]): string {
  return labels.map(label => encodeURIComponent(label)).join();
}
