/** Every contributed id, once: a typo does not compile. The manifest's test holds package.json against these. */

export const CONTAINER_ID = 'btRpc';

export const VIEW_IDS = { clients: 'btRpc.clients' } as const;

export const COMMAND_IDS = {
  addClient: 'btRpc.addClient',
  editClient: 'btRpc.editClient',
  removeClient: 'btRpc.removeClient',
  setCredentials: 'btRpc.setCredentials',
  clearCredentials: 'btRpc.clearCredentials',
  trustCertificate: 'btRpc.trustCertificate',
  connect: 'btRpc.connect',
  disconnect: 'btRpc.disconnect',
  refresh: 'btRpc.refresh',
  retry: 'btRpc.retry',
  callMethod: 'btRpc.callMethod',
  addTorrent: 'btRpc.addTorrent',
  startTorrent: 'btRpc.startTorrent',
  startTorrentNow: 'btRpc.startTorrentNow',
  stopTorrent: 'btRpc.stopTorrent',
  verifyTorrent: 'btRpc.verifyTorrent',
  reannounceTorrent: 'btRpc.reannounceTorrent',
  moveInQueue: 'btRpc.moveInQueue',
  setTorrentLabel: 'btRpc.setTorrentLabel',
  renameTorrent: 'btRpc.renameTorrent',
  setTorrentLocation: 'btRpc.setTorrentLocation',
  addTrackers: 'btRpc.addTrackers',
  setFilePriority: 'btRpc.setFilePriority',
  copyTorrentName: 'btRpc.copyTorrentName',
  copyInfoHash: 'btRpc.copyInfoHash',
  copyMagnetLink: 'btRpc.copyMagnetLink',
  showTorrent: 'btRpc.showTorrent',
  exportTorrent: 'btRpc.exportTorrent',
  removeTorrent: 'btRpc.removeTorrent',
  removeTorrentAndData: 'btRpc.removeTorrentAndData',
  enableSlowMode: 'btRpc.enableSlowMode',
  disableSlowMode: 'btRpc.disableSlowMode',
  filterTorrents: 'btRpc.filterTorrents',
  clearFilter: 'btRpc.clearFilter',
  sortTorrents: 'btRpc.sortTorrents',
  groupTorrents: 'btRpc.groupTorrents',
  showMore: 'btRpc.showMore',
  openSettings: 'btRpc.openSettings',
  showLog: 'btRpc.showLog',
} as const;

export const SETTINGS_SECTION = 'btRpc';

export const SETTING_IDS = {
  clients: 'btRpc.clients',
  refreshInterval: 'btRpc.refreshInterval',
  groupBy: 'btRpc.groupBy',
  notifications: 'btRpc.notifications',
  confirm: 'btRpc.confirm',
} as const;

/** What `when` clauses ask for, besides the items' own context. */
export const CONTEXT_KEYS = { isFiltered: 'btRpc.isFiltered' } as const;

/** The scheme of result documents. */
export const RESULT_SCHEME = 'btrpc';

export const LOG_CHANNEL_NAME = 'BT RPC';
