// A name that means harm to whoever interprets it.

export const HOSTILE_NAME = 'a\u202eb $(bug) **bold** [x](command:btRpc.removeClient)';

/** As it is shown. */
export const HOSTILE_LABEL = 'a\\u{202E}b $(bug) **bold** [x](command:btRpc.removeClient)';
