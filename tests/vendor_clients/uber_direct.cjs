// Runs one scene with Uber's own client and prints what came of it as JSON: node uber_direct.cjs book | after REF BACK_REF
const { getAccessToken } = require("uber-direct/auth");
const { createDeliveriesClient } = require("uber-direct/deliveries");

const ENDS = {
  pickup_name: "Corner Store",
  pickup_address: "425 Market St, San Francisco, CA 94105",
  pickup_phone_number: "+14155550101",
  pickup_latitude: 37.7914,
  pickup_longitude: -122.3983,
  dropoff_name: "Ada Reader",
  dropoff_address: "201 3rd St, San Francisco, CA 94103",
  dropoff_phone_number: "+14155550102",
  dropoff_latitude: 37.7846,
  dropoff_longitude: -122.4006,
};
const ITEMS = [{ name: "Box", quantity: 1, size: "small", weight: 900, price: 1000 }];
const failure = (call) => call.then(() => null, ({ status, code, metadata }) => ({ status, code, metadata }));

async function book(client) {
  const quote = await client.createQuote(ENDS);
  const asked = {
    ...ENDS,
    manifest_items: ITEMS,
    quote_id: quote.id,
    external_id: "dlv_1",
    idempotency_key: "dlv_1",
    dropoff_verification: { picture: true },
  };
  const first = await client.createDelivery(asked);
  const again = await failure(client.createDelivery(asked));
  const read = await client.getDelivery(first.id);
  const second = await client.createDelivery({ ...ENDS, manifest_items: ITEMS, external_id: "dlv_2", idempotency_key: "dlv_2" });
  const changed = await client.updateDelivery(second.id, { dropoff_notes: "Second floor", tip_by_customer: 300 });
  const gone = await client.cancelDelivery(second.id);
  const third = await client.createDelivery({ ...ENDS, manifest_items: ITEMS, external_id: "dlv_3", idempotency_key: "dlv_3" });
  const listed = await client.listDeliveries({ filter: "canceled", limit: 10 });
  const unknown = await failure(client.getDelivery("del_none"));
  return { quote, first, again, read, changed, gone, third, listed, unknown };
}

async function after(client, ref, backRef) {
  const read = await client.getDelivery(ref);
  const proof = await failure(client.proofOfDelivery(ref, { waypoint: "dropoff", type: "picture" }));
  const document = proof ? null : (await client.proofOfDelivery(ref, { waypoint: "dropoff", type: "picture" })).document;
  const late = await failure(client.cancelDelivery(ref));
  const failed = await client.getDelivery(backRef);
  const returning = await client.getDelivery(failed.related_deliveries[0].id);
  return { read, proof, document, late, failed, returning };
}

(async () => {
  const client = createDeliveriesClient(await getAccessToken());
  const [scene, ...refs] = process.argv.slice(2);
  console.log(JSON.stringify(await { book, after }[scene](client, ...refs)));
})();
