/** Imports point one way: extension → ui → torrents, workbench → rpc → util. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const SRC = path.resolve(import.meta.dirname, '../../src');

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isType: boolean;
}

/** The text of a file without its comments. */
function codeOf(file: string): string {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  return text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*/g, '$1');
}

/** Every import and export-from of a file, targets within `src` as paths from there. */
function importsOf(file: string): Import[] {
  const statements = codeOf(file).matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s*'([^']+)'|(?:^|[^\w.])(typeof\s+)?import\(?\s*'([^']+)'/g,
  );
  return [...statements].map(([, typeOnly, from, typeOf, bare]) => {
    const type = typeOnly ?? typeOf;
    const specifier = (from ?? bare) as string;
    const target = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(file), specifier)
      : specifier;
    return { file, target, isType: type !== undefined };
  });
}

const files = globSync('**/*.ts', { cwd: SRC }).map(file => file.replaceAll(path.sep, '/'));
const imports = files.filter(file => !file.endsWith('.d.ts')).flatMap(importsOf);
const isWithin = (folder: string) => (target: string) => target === folder || target.startsWith(`${folder}/`);

/** What each layer may import of ours, by the first folder of the file. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'extension.ts': ['ui', 'ids.ts'],
  'ids.ts': [],
  ui: ['ui', 'torrents', 'workbench', 'rpc', 'util', 'ids.ts'],
  torrents: ['torrents', 'rpc', 'util'],
  workbench: ['workbench', 'rpc', 'util'],
  rpc: ['rpc', 'util'],
  util: ['util'],
};

test('there are imports to look at', () => {
  assert.ok(imports.length > 50, `${imports.length} imports`);
  assert.ok(imports.some(({ target }) => target === 'vscode'));
});

test('each layer imports only what lies below it', () => {
  for (const { file, target } of imports) {
    const isOurs = files.includes(target);
    if (!isOurs) continue;
    const layer = file.split('/')[0] as string;
    assert.ok(
      ALLOWED[layer]?.some(allowed => isWithin(allowed)(target)),
      `${file} imports ${target}`,
    );
  }
});

test('relative imports end in .ts and exist', () => {
  for (const { file, target } of imports) {
    if (target.includes('/') && !/^(node:|undici\/)/.test(target))
      assert.ok(files.includes(target), `${file} imports ${target}`);
  }
});

/** Who alone may import these. */
const ONLY: readonly (readonly [pattern: RegExp, who: RegExp])[] = [
  [/^vscode$/, /^(ui\/|extension\.ts$)/],
  [/^(undici|socks)(\/|$)/, /^rpc\/transport\//],
  [/^(node:)?(net|tls|http|https|http2|dgram)$/, /^rpc\/transport\//],
];

for (const [pattern, who] of ONLY) {
  test(`only ${who} imports ${pattern}`, () => {
    for (const { file, target } of imports) {
      if (pattern.test(target)) assert.match(file, who, `${file} imports ${target}`);
    }
  });
}

test('outside of the core only its public face is used; its addresses also alone, for they load nothing else', () => {
  for (const { file, target } of imports) {
    if (file.startsWith('rpc/') || !target.startsWith('rpc/')) continue;
    assert.ok(['rpc/index.ts', 'rpc/url.ts'].includes(target), `${file} imports ${target}`);
  }
});

test('the extension loads the core late: its public face is imported for types only', () => {
  for (const { file, target, isType } of imports) {
    if (file.startsWith('rpc/') || target !== 'rpc/index.ts') continue;
    assert.ok(isType, `${file} imports ${target}`);
  }
});

/** Which file alone may use these parts of VS Code. */
const OWNERS: readonly (readonly [use: RegExp, owner: string])[] = [
  [/\.getConfiguration\(/, 'ui/settings.ts'],
  [/createOutputChannel\(/, 'ui/log.ts'],
  [/\bSecretStorage\b/, 'ui/secrets.ts'],
  [/setGlobalDispatcher|globalThis\s*\[|globalThis\.\w+\s*=/, ''],
];

for (const [use, owner] of OWNERS) {
  test(`only ${owner || 'nobody'} uses ${use}`, () => {
    const users = files.filter(file => use.test(codeOf(file)));
    assert.deepEqual(users, owner ? [owner] : []);
  });
}

test('files are short enough to read at a sitting', () => {
  for (const file of files) {
    const lines = readFileSync(path.join(SRC, file), 'utf8').split('\n').length;
    assert.ok(lines <= (file === 'rpc/base.ts' ? 500 : 300), `${file} has ${lines} lines`);
  }
  assert.ok(readFileSync(path.join(SRC, 'extension.ts'), 'utf8').split('\n').length <= 60);
});
