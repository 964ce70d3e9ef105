// src/late-parts.ts in the built program: what is required is made at its first use, of what was read at the start. A dynamic
// import would read files then, and Node never reads again what it could not read once (EMFILE, say).
exports.loadProxy = async () => ({ fastify: require('fastify'), httpProxy: require('@fastify/http-proxy') });
exports.loadUndici = async () => require('undici');
