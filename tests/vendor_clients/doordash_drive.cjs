// Runs one scene with DoorDash's own client and prints what came of it as JSON: node doordash_drive.cjs book | after
const { DoorDashClient } = require("@doordash/sdk");

const ENDS = {
  pickup_address: "901 Market Street, 6th Floor, San Francisco, CA 94103",
  pickup_business_name: "Corner Store",
  pickup_phone_number: "+14155550101",
  dropoff_address: "201 3rd St, San Francisco, CA 94103",
  dropoff_location: { lat: 37.7846, lng: -122.4006 },
  dropoff_phone_number: "+14155550102",
  dropoff_options: { proof_of_delivery: "photo_required" },
  order_value: 1999,
};
const failure = (call) =>
  call.then(() => null, (error) => ({ kind: error.constructor.name, code: error.errorCode, message: error.message }));
const client = (secret) =>
  new DoorDashClient({ developer_id: process.env.DEVELOPER_ID, key_id: process.env.KEY_ID, signing_secret: secret });

async function book(doordash) {
  const asked = { external_delivery_id: "dlv_1", ...ENDS };
  const quote = (await doordash.deliveryQuote(asked)).data;
  const first = (await doordash.deliveryQuoteAccept("dlv_1", { tip: 300 })).data;
  const again = await failure(doordash.createDelivery(asked));
  const read = (await doordash.getDelivery("dlv_1")).data;
  await doordash.createDelivery({ ...asked, external_delivery_id: "dlv_2" });
  const changed = (await doordash.updateDelivery("dlv_2", { dropoff_instructions: "Second floor" })).data;
  const gone = (await doordash.cancelDelivery("dlv_2")).data;
  await doordash.createDelivery({ ...asked, external_delivery_id: "dlv_3" });
  const unknown = await failure(doordash.getDelivery("dlv_9"));
  const far = await failure(
    doordash.deliveryQuote({ ...asked, external_delivery_id: "dlv_4", pickup_address: "Far away" }),
  );
  const stranger = await failure(client("c29tZWJvZHkgZWxzZSdzIHNlY3JldA").getDelivery("dlv_1"));
  return { quote, first, again, read, changed, gone, unknown, far, stranger };
}

async function after(doordash) {
  const read = (await doordash.getDelivery("dlv_1")).data;
  const late = await failure(doordash.cancelDelivery("dlv_1"));
  const returned = (await doordash.getDelivery("dlv_3")).data;
  return { read, late, returned };
}

(async () => {
  const scene = { book, after }[process.argv[2]];
  console.log(JSON.stringify(await scene(client(process.env.SIGNING_SECRET))));
})();
