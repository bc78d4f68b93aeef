/** The manifest against the code and the rules of the contract. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { COMMAND_IDS, CONTAINER_ID, SETTING_IDS, VIEW_IDS } from '../../src/ids.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface MenuItem {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Setting {
  readonly scope?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly markdownDescription?: string;
}

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const raw = read('package.json');
/** The words of the manifest, in English. */
const words: Record<string, string> = JSON.parse(read('package.nls.json'));
const manifest = JSON.parse(raw, (_, value) => {
  const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
  return key === undefined ? value : words[key];
});
const { contributes } = manifest;
const commands: { command: string; title: string; category: string }[] = contributes.commands;
const menus: Record<string, MenuItem[]> = contributes.menus;
const settings: Record<string, Setting> = contributes.configuration.properties;

test('the extension is who it says', () => {
  assert.equal(`${manifest.publisher}.${manifest.name}`, 'bt-rpc.bt-rpc');
  assert.equal(manifest.displayName, 'BT RPC');
  assert.deepEqual(manifest.extensionKind, ['workspace', 'ui']);
  assert.deepEqual(manifest.activationEvents, []);
  assert.equal(manifest.engines.vscode, '^1.106.0');
  assert.ok(existsSync(path.join(ROOT, manifest.icon)));
});

test('each of its words has a place, and each place its words', () => {
  const places = [...raw.matchAll(/"%(.+)%"/g)].map(([, key]) => key as string);
  assert.deepEqual(places.sort(), Object.keys(words).sort());
});

test('contributed ids and those in the code are the same', () => {
  assert.deepEqual(commands.map(({ command }) => command).sort(), Object.values(COMMAND_IDS).sort());
  assert.deepEqual(Object.keys(settings).sort(), Object.values(SETTING_IDS).sort());
  const views = Object.values(contributes.views as Record<string, { id: string }[]>).flat();
  assert.deepEqual(views.map(({ id }) => id).sort(), Object.values(VIEW_IDS).sort());
  assert.deepEqual(Object.keys(contributes.views), [CONTAINER_ID]);
  assert.equal(contributes.viewsContainers.activitybar[0].id, CONTAINER_ID);
});

/** Commands that ask before they act, and so end in an ellipsis. */
const ASKING = new Set([
  'addClient',
  'editClient',
  'removeClient',
  'setCredentials',
  'clearCredentials',
  'trustCertificate',
  'callMethod',
  'addTorrent',
  'moveInQueue',
  'setTorrentLabel',
  'renameTorrent',
  'setTorrentLocation',
  'addTrackers',
  'setFilePriority',
  'exportTorrent',
  'filterTorrents',
  'sortTorrents',
  'groupTorrents',
  'removeTorrent',
  'removeTorrentAndData',
]);

/** Words that a title does not begin with a capital. */
const SMALL_WORDS = /\b(And|In)\b/g;

for (const { command, title, category } of commands) {
  test(`${command} is called by its id's words`, () => {
    const [prefix, name] = command.split('.') as [string, string];
    assert.equal(prefix, 'btRpc');
    assert.equal(category, 'BT RPC');
    const words = name
      .replace(/[A-Z]/g, letter => ` ${letter}`)
      .replace(/^./, letter => letter.toUpperCase())
      .replace(SMALL_WORDS, word => word.toLowerCase());
    assert.equal(title, ASKING.has(name) ? `${words}…` : words);
  });
}

test('menus name contributed commands, and say where they appear', () => {
  const known = new Set(commands.map(({ command }) => command));
  for (const [menu, items] of Object.entries(menus)) {
    for (const { command, when, group } of items) {
      assert.ok(known.has(command), `${menu}: ${command}`);
      assert.ok(when, `${menu}: ${command} appears everywhere`);
      if (menu !== 'commandPalette') {
        assert.match(
          when,
          menu === 'explorer/context' ? /^resourceFilename =~ / : /^view == btRpc\./,
          `${menu}: ${command}`,
        );
        assert.ok(group, `${menu}: ${command} has no group`);
      }
    }
  }
});

test('what may be a torrent is no folder', () => {
  for (const { when } of menus['explorer/context'] ?? [])
    assert.match(when ?? '', /&& !explorerResourceIsFolder$/);
});

test('each command is in the palette, unless it makes no sense there, or in a menu', () => {
  const hidden = new Set(
    menus.commandPalette?.filter(({ when }) => when === 'false').map(item => item.command),
  );
  const inMenus = new Set(
    Object.entries(menus).flatMap(([menu, items]) =>
      menu === 'commandPalette' ? [] : items.map(({ command }) => command),
    ),
  );
  for (const { command } of commands)
    assert.ok(!hidden.has(command) || inMenus.has(command), `${command} is nowhere`);
});

test('what is done to torrents is in the menu of a torrent, where its client can do it', () => {
  const context = menus['view/item/context'] ?? [];
  const appears = (command: string, viewItem: string, isMulti = false) =>
    context.some(
      item =>
        item.command === `btRpc.${command}` &&
        !item.group?.startsWith('inline') &&
        isTrue(item.when ?? '', viewItem, isMulti),
    );
  for (const [command, viewItem, isShown] of [
    ['startTorrent', 'torrent:stopped', true],
    ['startTorrent', 'torrent:queued -export', true],
    ['startTorrent', 'torrent:seeding', false],
    ['stopTorrent', 'torrent:seeding -export', true],
    ['stopTorrent', 'torrent:stopped', false],
    ['startTorrentNow', 'torrent:stopped -startNow', false],
    ['setTorrentLabel', 'torrent:seeding -setLabels -setTags', false],
    ['setTorrentLabel', 'torrent:seeding -setTags', true],
    ['exportTorrent', 'torrent:seeding -export -moveInQueue', false],
    ['exportTorrent', 'torrent:seeding -moveInQueue', true],
    ['reannounceTorrent', 'torrent:seeding', true],
    ['reannounceTorrent', 'torrent:seeding -reannounce', false],
    ['removeTorrentAndData', 'torrent:error -export', true],
    ['removeTorrent', 'client:connected', false],
    ['disableSlowMode', 'client:connected isSlow', true],
    ['enableSlowMode', 'client:connected isSlow', false],
    ['enableSlowMode', 'client:connected -setSlowMode', false],
    ['disconnect', 'client:connected -setSlowMode', true],
    ['setFilePriority', 'file:skip', true],
    ['addTorrent', 'client:invalid', false],
  ] as const)
    assert.equal(appears(command, viewItem), isShown, `${command} on ${viewItem}`);
  assert.ok(appears('startTorrent', 'torrent:seeding', true), 'some of several may be stopped');
  // The menu may be that of a row beside those that are selected, which no when-clause can tell.
  for (const command of ['addTorrent', 'callMethod', 'editClient', 'setCredentials', 'clearCredentials'])
    assert.ok(appears(command, 'client:connected', true), `${command} while several torrents are selected`);
  // VS Code offers for several rows what each of them has, and who selects all of a page selects its last row too.
  const ofSeveral = context.filter(
    ({ when = '', group }) => !group?.startsWith('inline') && isTrue(when, 'torrent:stopped', true),
  );
  for (const { command } of [...ofSeveral, { command: 'btRpc.setFilePriority' }]) {
    assert.ok(appears(command.replace('btRpc.', ''), 'more', true), `${command} of all of a page`);
    assert.ok(!appears(command.replace('btRpc.', ''), 'more'), `${command} of no torrent`);
  }
});

/** Whether a when-clause holds for a row of the view. */
function isTrue(when: string, viewItem: string, listMultiSelection: boolean): boolean {
  const code = when
    .replaceAll(/=~ (\/(?:\\.|[^/])+\/)/g, '.match($1)')
    .replaceAll(/== ([\w.:]+)/g, "=== '$1'");
  const view = 'btRpc.clients';
  return Boolean(
    new Function('view', 'viewItem', 'listMultiSelection', `return ${code}`)(
      view,
      viewItem,
      listMultiSelection,
    ),
  );
}

test('each setting has a scope that no workspace can set, a default and a description', () => {
  for (const [id, setting] of Object.entries(settings)) {
    assert.equal(setting.scope, 'application', id);
    assert.notEqual(setting.default, undefined, id);
    assert.ok(setting.description ?? setting.markdownDescription, id);
  }
});

test('the schema of a client names each property', () => {
  const { items } = contributes.configuration.properties['btRpc.clients'];
  for (const [name, property] of Object.entries(items.properties as Record<string, Setting>)) {
    assert.ok(property.description ?? property.markdownDescription, name);
  }
  assert.deepEqual(items.required, ['name', 'type', 'url']);
});

test('welcome content offers to add a client', () => {
  assert.match(contributes.viewsWelcome[0].contents, /\[Add Client\]\(command:btRpc\.addClient\)/);
});

test('the package has no runtime dependencies: all is bundled', () => {
  assert.equal(manifest.dependencies, undefined);
});
