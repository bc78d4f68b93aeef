// Two CommonJS bundles for Node 22: the extension, and the RPC core that it requires at the first connect.
import esbuild from 'esbuild';

const watch = process.argv.includes('--watch');

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
  minify: !watch,
  keepNames: true, // the core's errors show their class names
  sourcemap: watch,
  logLevel: 'info',
};

if (watch) await (await esbuild.context(options)).watch();
else await esbuild.build(options);
