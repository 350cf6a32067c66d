// Leads the vendors' clients, whose hosts are constants, to the simulator at SIMULATOR_URL. Nothing else of them changes.
const HOSTS = /^https:\/\/(api\.uber\.com|login\.uber\.com|openapi\.doordash\.com)/;
const toSimulator = (url) => String(url).replace(HOSTS, process.env.SIMULATOR_URL);

const fetchThere = globalThis.fetch;
globalThis.fetch = (url, options) => fetchThere(toSimulator(url), options);

const axios = require("axios");
axios.interceptors.request.use((request) => ({ ...request, url: toSimulator(request.url) }));
