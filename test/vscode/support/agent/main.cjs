// Test only: runs in the extension host what a test sends over a Unix socket, one JSON document per line.
// See ../agent.ts, the other end. Does nothing unless the environment names the socket.
const { rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { createInterface } = require('node:readline');
const vscode = require('vscode');

const AsyncFunction = (async () => {}).constructor;

async function answer(line) {
  const { id, code, argument } = JSON.parse(line);
  try {
    const value = await new AsyncFunction('vscode', 'argument', 'require', code)(vscode, argument, require);
    return { id, value };
  } catch (error) {
    return { id, error: error?.stack ?? String(error) };
  }
}

exports.activate = context => {
  const path = process.env.BT_RPC_TEST_AGENT;
  if (!path) return;
  rmSync(path, { force: true }); // of the host before, when the page was loaded again
  const server = createServer(socket => {
    const send = message => socket.writable && socket.write(`${JSON.stringify(message)}\n`);
    socket.on('error', () => {}); // the test went away
    createInterface(socket).on('line', async line => send(await answer(line)));
    send({ pid: process.pid });
  });
  server.listen(path);
  context.subscriptions.push({ dispose: () => server.close() });
};
