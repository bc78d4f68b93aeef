// Two CommonJS bundles for Node 22 in dist/: the extension, and the RPC core that it requires at the first connect.
// Beside them their declarations: api.d.ts for other extensions, rpc.d.ts for who uses the core alone.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
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
};

/** Writes the declarations: the API's as it stands, the core's as the compiler makes them. */
function writeDeclarations() {
  rmSync('dist/types', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/rpc'], { stdio: 'inherit' });
  writeFileSync('dist/rpc.d.ts', "export * from './types/index.js';\n");
  cpSync('src/ui/publicApi.ts', 'dist/api.d.ts');
}

if (isWatching) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
  writeDeclarations();
}
