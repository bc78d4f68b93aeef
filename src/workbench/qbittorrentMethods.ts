/**
 * The methods of qBittorrent's Web API. No version can list them; these are the `…Action` slots of src/webui/api in
 * each release from 4.1.0 to 5.2.3, and what 5.3.0 answers to (observed there, on 4.5.2 and on 5.1.0).
 */
import { isWithin, type Span } from '../util/versions.ts';

/** Methods that came together, by scope. */
interface Row extends Span {
  readonly methods: Readonly<Record<string, string>>;
}

const ROWS: readonly Row[] = [
  {
    methods: {
      app: 'defaultSavePath preferences setPreferences shutdown version webapiVersion',
      auth: 'login logout',
      log: 'main peers',
      rss: 'addFeed addFolder items moveItem removeItem removeRule renameRule rules setRule',
      sync: 'maindata torrentPeers',
      torrents: `add addTrackers bottomPrio createCategory decreasePrio delete downloadLimit filePrio files
        increasePrio info pieceHashes pieceStates properties recheck removeCategories rename setAutoManagement
        setCategory setDownloadLimit setForceStart setLocation setShareLimits setSuperSeeding setUploadLimit
        toggleFirstLastPiecePrio toggleSequentialDownload topPrio trackers uploadLimit webseeds`,
      transfer: `downloadLimit info setDownloadLimit setUploadLimit speedLimitsMode toggleSpeedLimitsMode
        uploadLimit`,
    },
  },
  { until: '5.0.0', methods: { torrents: 'pause resume' } },
  { since: '4.1.2', methods: { torrents: 'reannounce' } },
  { since: '4.1.3', methods: { torrents: 'editCategory' } },
  {
    since: '4.1.4',
    methods: {
      search:
        'delete enablePlugin installPlugin plugins results start status stop uninstallPlugin updatePlugins',
      torrents: 'categories',
    },
  },
  { since: '4.1.4', until: '4.3.0', methods: { search: 'categories' } },
  { since: '4.1.5', methods: { torrents: 'editTracker removeTrackers' } },
  { since: '4.1.8', methods: { rss: 'refreshItem' } },
  {
    since: '4.2.0',
    methods: {
      app: 'buildInfo networkInterfaceAddressList networkInterfaceList',
      torrents: 'addPeers addTags createTags deleteTags removeTags tags',
      transfer: 'banPeers',
    },
  },
  { since: '4.2.1', methods: { torrents: 'renameFile' } },
  { since: '4.2.5', methods: { rss: 'markAsRead matchingArticles' } },
  { since: '4.3.3', methods: { torrents: 'renameFolder' } },
  { since: '4.4.0', methods: { torrents: 'setDownloadPath setSavePath' } },
  { since: '4.5.0', methods: { torrents: 'export', transfer: 'setSpeedLimitsMode' } },
  { since: '4.6.0', methods: { rss: 'setFeedURL' } },
  { since: '4.6.1', methods: { torrents: 'count' } },
  {
    since: '5.0.0',
    methods: {
      app: 'getDirectoryContent sendTestEmail',
      search: 'downloadTorrent',
      torrentcreator: 'addTask deleteTask status torrentFile',
      torrents: 'SSLParameters setSSLParameters start stop',
    },
  },
  {
    since: '5.1.0',
    methods: { app: 'cookies setCookies', torrents: 'addWebSeeds editWebSeed removeWebSeeds setTags' },
  },
  {
    since: '5.2.0',
    methods: {
      app: 'deleteAPIKey processInfo rotateAPIKey',
      clientdata: 'load store',
      rss: 'setFeedRefreshInterval',
      torrents: 'fetchMetadata parseMetadata pieceAvailability saveMetadata setComment',
    },
  },
  {
    since: '5.3.0',
    methods: {
      app: 'getFreeSpaceAtPath',
      rss: 'cloneRule exportRules importRules',
      torrents: 'downloadFile',
      transfer: 'getSpeedLimits pauseSession resumeSession setSpeedLimits',
    },
  },
];

/** The names of a version's methods, such as `torrents/info`. */
export function qbittorrentMethods(version: string | undefined): readonly string[] {
  return ROWS.filter(row => isWithin(row, version)).flatMap(({ methods }) =>
    Object.entries(methods).flatMap(([scope, names]) => names.split(/\s+/).map(name => `${scope}/${name}`)),
  );
}
