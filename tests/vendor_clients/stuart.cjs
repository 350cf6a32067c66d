// Runs one scene with Stuart's own client and prints what came of it as JSON: node stuart.cjs book | after REF BACK_REF
const { Authenticator, HttpClient } = require("stuart-client-js");

const job = (reference, address = "156 rue de Charonne, 75011 Paris") => JSON.stringify({
  job: {
    pickups: [{ address: "46 Boulevard Barbès, 75018 Paris", contact: { firstname: "Corner", phone: "+33698348756" } }],
    dropoffs: [{ address, package_type: "small", client_reference: reference, contact: { firstname: "Ada" } }],
  },
});
const client = (secret) =>
  new HttpClient(new Authenticator({ baseUrl: process.env.SIMULATOR_URL }, process.env.CLIENT_ID, secret));
const told = ({ statusCode, body }) => ({ status: statusCode, body });

async function book(stuart) {
  const post = async (path, body) => told(await stuart.performPost(path, body));
  const valid = await post("/v2/jobs/validate", job("dlv_1"));
  const price = await post("/v2/jobs/pricing", job("dlv_1"));
  const eta = await post("/v2/jobs/eta", job("dlv_1"));
  const first = await post("/v2/jobs", job("dlv_1"));
  const again = await post("/v2/jobs", job("dlv_1"));
  const read = told(await stuart.performGet(`/v2/jobs/${first.body.id}`));
  const second = await post("/v2/jobs", job("dlv_2"));
  const cancel = await post(`/v2/jobs/${second.body.id}/cancel`);
  const gone = told(await stuart.performGet(`/v2/jobs/${second.body.id}`));
  const third = await post("/v2/jobs", job("dlv_3"));
  const listed = told(await stuart.performGet("/v2/jobs", { client_reference: "dlv_2" }));
  const unknown = told(await stuart.performGet("/v2/jobs/1"));
  const far = await post("/v2/jobs", job("dlv_4", "Far away"));
  const stranger = await client("another").performGet("/v2/jobs").then(() => null, ({ code }) => code);
  return { valid, price, eta, first, again, read, cancel, gone, third, listed, unknown, far, stranger };
}

async function after(stuart, ref, backRef) {
  const read = told(await stuart.performGet(`/v2/jobs/${ref}`));
  const late = told(await stuart.performPost(`/v2/jobs/${ref}/cancel`));
  const returned = told(await stuart.performGet(`/v2/jobs/${backRef}`));
  return { read, late, returned };
}

(async () => {
  const [scene, ...refs] = process.argv.slice(2);
  console.log(JSON.stringify(await { book, after }[scene](client(process.env.CLIENT_SECRET), ...refs)));
})();
