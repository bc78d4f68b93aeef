/** The RPC core, loaded when it is first needed: it brings an HTTP parser that takes 40 ms to compile. */

export function loadCore(): typeof import('../rpc/index.ts') {
  // A bundle of its own, beside the extension's (see esbuild.mjs).
  return require('./rpc.js');
}
