import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientName, client, RPCError } from '../../src/rpc/index.ts';
import { invoke } from '../../src/workbench/invoke.ts';
import { listMethods } from '../../src/workbench/methods.ts';
import { parseParams } from '../../src/workbench/params.ts';
import type { Daemon } from '../tools/daemons/daemon.ts';
import { startDeluge } from '../tools/daemons/deluge.ts';
import { startQbittorrent } from '../tools/daemons/qbittorrent.ts';
import { callRtorrent, startRtorrent } from '../tools/daemons/rtorrent.ts';
import { startTransmission } from '../tools/daemons/transmission.ts';

const signal = AbortSignal.timeout(60_000);

/** A daemon's methods, and what it says to one with parameters as they are typed. */
async function connect<Name extends ClientName>(name: Name, version: string, daemon: Daemon) {
  const { url, username, password } = daemon;
  const rpc = client(name, { url, ...(username && { username, password }) });
  return {
    rpc,
    methods: await listMethods(name, {
      version: async () => version,
      ask: request => request(rpc, signal),
    }),
    async call(method: string, text: string): Promise<unknown> {
      const parsed = parseParams(name, text);
      assert.ok('value' in parsed, text);
      return invoke(name, rpc, method, parsed.value, signal);
    },
  };
}

/** The words of the error; empty where there was none. */
const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => '',
    error => {
      assert.ok(error instanceof RPCError, String(error));
      return error.message;
    },
  );

test('transmission knows each method of its list, with its template', async () => {
  await using daemon = await startTransmission();
  const { rpc, methods, call } = await connect('transmission', '3.00', daemon);
  await using _ = rpc;
  // These three would end it or ask the world.
  const others = methods.filter(({ name }) => !/^(session-close|blocklist-update|port-test)$/.test(name));
  assert.equal(others.length, 22 - 3);
  for (const { name, template } of others)
    assert.doesNotMatch(await failure(call(name, template)), /method name not recognized/i, name);
  assert.match(await failure(call('group-get', '')), /method name not recognized/i);
});

test('qbittorrent knows each method of its list, with its template', async () => {
  await using daemon = await startQbittorrent();
  const { rpc, methods, call } = await connect('qbittorrent', '4.5.2', daemon);
  await using _ = rpc;
  const others = methods.filter(({ name }) => !/^(app\/shutdown|auth\/.*|search\/updatePlugins)$/.test(name));
  assert.equal(others.length, 95 - 4);
  const unknown: string[] = [];
  for (const { name, template } of others)
    if (/unknown rpc method/i.test(await failure(call(name, template)))) unknown.push(name);
  // It says the same of a torrent that it does not know.
  assert.deepEqual(unknown, ['sync/torrentPeers']);
  assert.match(await failure(call('torrents/stop', '{}')), /unknown rpc method/i);
});

test('deluge tells its methods, and takes arguments in every shape', async () => {
  await using daemon = await startDeluge();
  const { rpc, methods, call } = await connect('deluge', '2.0.3', daemon);
  await using _ = rpc;
  assert.equal(methods.length, 73 + 3);
  assert.equal(await call('daemon.info', ''), '2.0.3');
  assert.equal(await call('core.get_config_value', '["download_location"]'), `${daemon.home}/downloads`);
  assert.equal(await call('core.get_config_value', '{"key": "add_paused"}'), true);
  assert.deepEqual(await call('core.get_config_values', '{"args": [["lsd"]], "kwargs": {}}'), { lsd: false });
  const completions = await call(
    'core.get_completion_paths',
    `{"args": {"completion_text": "${daemon.home}/down", "show_hidden_files": true}}`,
  );
  assert.deepEqual((completions as { paths: string[] }).paths, [`${daemon.home}/downloads/`]);
  for (const name of ['daemon.login', 'daemon.set_event_interest'])
    assert.doesNotMatch(await failure(call(name, '')), /invalid function/, name);
});

test('rtorrent tells its methods, and survives the templates for targets', async () => {
  await using daemon = await startRtorrent();
  const { rpc, methods, call } = await connect('rtorrent', '0.9.8', daemon);
  await using _ = rpc;
  assert.equal(methods.length, 735);
  assert.equal(await call('system.client_version', '[""]'), '0.9.8');
  assert.equal(await call('system.client_version', ''), '0.9.8');
  for (const { name, template } of methods) {
    const isTargeted = /^[dfpt]\./.test(name);
    if (isTargeted && !name.includes('multicall'))
      assert.notEqual(await failure(call(name, template)), '', name);
    else if (/^system\.(?!.*shutdown)|multicall/.test(name)) await failure(call(name, template));
  }
  assert.deepEqual(await callRtorrent(daemon, 'system.client_version'), ['0.9.8']);
});
