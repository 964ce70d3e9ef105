// What of undici the program and @fastify/reply-from name, in the place of its index, which also loads fetch, WebSocket, caches
// and mocks: a megabyte that would be compiled at every start and never called. A path that is no longer there fails the build,
// and a name that is missing here a test (test/deploy/undici.test.ts).
const Dispatcher = require('undici/lib/dispatcher/dispatcher');
const api = require('undici/lib/api');

// As its index does.
Object.assign(Dispatcher.prototype, api);

module.exports = {
  Dispatcher,
  Client: require('undici/lib/dispatcher/client'),
  Pool: require('undici/lib/dispatcher/pool'),
  BalancedPool: require('undici/lib/dispatcher/balanced-pool'),
  Agent: require('undici/lib/dispatcher/agent'),
  ProxyAgent: require('undici/lib/dispatcher/proxy-agent'),
  getGlobalDispatcher: require('undici/lib/global').getGlobalDispatcher,
};
