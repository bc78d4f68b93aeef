// Two CommonJS bundles for Node 22 in dist/: the extension, and the RPC core that it requires at the first connect.
// Beside them their declarations: api.d.ts for other extensions, rpc.d.ts for who uses the core alone. And the licenses
// of what they contain.
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import esbuild from 'esbuild';

const isWatching = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const options = {
  entryPoints: { extension: 'src/extension.ts', rpc: 'src/rpc/index.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  mainFields: ['module', 'main'], // jsonc-parser's main is UMD, which no bundler can follow
  external: ['vscode', './rpc.js'],
  minify: !isWatching,
  keepNames: true, // errors and util.inspect show class names
  sourcemap: isWatching,
  logLevel: 'info',
  metafile: true,
};

/** Writes the declarations: the API's as it stands, the core's as the compiler makes them. */
function writeDeclarations() {
  rmSync('dist/types', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/rpc'], { stdio: 'inherit' });
  writeFileSync('dist/rpc.d.ts', "export * from './types/index.js';\n");
  cpSync('src/ui/publicApi.ts', 'dist/api.d.ts');
}

/**
 * Writes the license of each package that is in a bundle, as these licenses ask for.
 *
 * @param {import('esbuild').Metafile} metafile
 */
function writeLicenses({ inputs }) {
  const packages = new Set(
    Object.keys(inputs).flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  );
  const texts = [...packages].sort().map(folder => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const [file] = globSync(`${folder}/LICENSE*`);
    if (!file) throw new Error(`${name} has no license.`);
    return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n`;
  });
  writeFileSync('dist/ThirdPartyNotices.txt', texts.join(`\n${'-'.repeat(80)}\n\n`));
}

if (isWatching) {
  await (await esbuild.context(options)).watch();
} else {
  const { metafile } = await esbuild.build(options);
  writeDeclarations();
  writeLicenses(metafile);
}
