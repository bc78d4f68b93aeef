// Stands in for the native module @vscode/spdlog, through which VS Code's server writes its log files: appends each
// line at once. Loaded by VS Code's server only.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

class Logger {
  #file;
  #level = 2;
  #isRaw = false;

  constructor(_type, _name, file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  clearFormatters() {
    this.#isRaw = true;
  }
  setPattern() {
    this.#isRaw = false;
  }
  flush() {}
  drop() {}

  trace(message) {
    this.#write(0, message);
  }
  debug(message) {
    this.#write(1, message);
  }
  info(message) {
    this.#write(2, message);
  }
  warn(message) {
    this.#write(3, message);
  }
  error(message) {
    this.#write(4, message);
  }
  critical(message) {
    this.#write(5, message);
  }

  #write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#isRaw ? String(message) : `${time} [${LEVELS[level]}] ${message}\n`;
    try {
      appendFileSync(this.#file, line);
    } catch {
      // a log whose folder is gone must not take the server down
    }
  }
}

const create = async (name, file) => new Logger('', name, file);

exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.version = 0;
