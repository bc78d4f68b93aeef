// Stands in for the native module @vscode/deviceid: the server of a test needs no identity. Loaded by VS Code's server only.
exports.getDeviceId = async () => '00000000-0000-4000-8000-000000000000';
