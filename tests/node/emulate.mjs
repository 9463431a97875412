// emulate's GitHub on a free loopback port, driven by tests/servers/emulate.py.
// In: one line of JSON, the seed. Out: one line, the address. It ends when standard input ends,
// so no server outlives the test that started it, however that test dies.
import { once } from "node:events";
import net from "node:net";
import readline from "node:readline";
import { createEmulator } from "emulate";

console.log = console.error; // standard output carries the address and nothing else

// emulate 0.11 takes no host and would listen on every interface; and it needs its port before it has one.
// So a loopback socket is opened first and handed over: no other process can take the port in between.
const loopback = net.createServer();
loopback.listen(0, "127.0.0.1");
await once(loopback, "listening");
const { port } = loopback.address();
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function () {
  return listen.call(this, loopback);
};

const input = readline.createInterface({ input: process.stdin });
input.on("close", () => process.exit(0));
const [seed] = await once(input, "line");
const url = `http://127.0.0.1:${port}`;
await createEmulator({ service: "github", port, baseUrl: url, seed: JSON.parse(seed) });
process.stdout.write(`${url}\n`);
