import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Shorter pieces would be found everywhere by chance. */
const SHORTEST = 6;

/** Where to look for a secret. */
export interface LeakPlaces {
  /** Texts by name; what is not a text is searched as JSON. */
  readonly texts?: Readonly<Record<string, unknown>>;
  /** Folders, with everything below, and files. */
  readonly paths?: readonly string[];
}

/** Where a secret stands readable, one line per place: `settings.json: clear`. Empty when nowhere. */
export async function findLeaks(secret: string, { texts = {}, paths = [] }: LeakPlaces): Promise<string[]> {
  const forms = Object.entries(formsOf(secret)).filter(([, form]) => form.length >= SHORTEST);
  if (!forms.length) throw new Error('Choose a longer secret: this one would be found by chance.');
  const found: string[] = [];
  const look = (place: string, bytes: Buffer): void => {
    const form = forms.find(([, form]) => bytes.includes(form));
    if (form) found.push(`${place}: ${form[0]}`);
  };
  for (const [place, text] of Object.entries(texts)) {
    look(place, Buffer.from(typeof text === 'string' ? text : (JSON.stringify(text) ?? '')));
  }
  for (const file of (await Promise.all(paths.map(filesBelow))).flat()) {
    const bytes = await readFile(file).catch(error => {
      if (error.code !== 'ENOENT') throw error; // VS Code has files that come and go
    });
    if (bytes) look(file, bytes);
  }
  return found;
}

/** A secret as it may be written down, each as bytes. */
function formsOf(secret: string): Record<string, Buffer> {
  const bytes = Buffer.from(secret);
  return {
    clear: bytes,
    'percent-encoded': Buffer.from(encodeURIComponent(secret)),
    'in JSON': Buffer.from(JSON.stringify(secret).slice(1, -1)),
    'UTF-16': Buffer.from(secret, 'utf16le'),
    hex: Buffer.from(bytes.toString('hex')),
    // within `user:secret` a secret begins at any of the three places of a base64 group
    base64: base64Core(bytes, 0),
    'base64 from its second byte': base64Core(bytes, 1),
    'base64 from its third byte': base64Core(bytes, 2),
  };
}

/** The characters of base64 that the secret alone decides when `before` bytes of something else share its first group. */
function base64Core(secret: Buffer, before: number): Buffer {
  const bits = Buffer.concat([Buffer.alloc(before), secret])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + secret.length) * 8) / 6);
  return Buffer.from(bits.slice(first, last));
}

async function filesBelow(place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(error => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) return [place];
  return entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
}
