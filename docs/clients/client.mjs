#!/usr/bin/env node
// Submits a job, waits for it, prints the file: client.mjs MODEL PROMPT
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { createInterface } from "node:readline";

const [model, prompt] = process.argv.slice(2);
const socket = connect(process.env.VIDEOGEND_SOCKET ?? "/run/videogend/control.sock");
const waiting = new Map();
let lastID = 0;
createInterface({ input: socket }).on("line", (line) => {
  const reply = JSON.parse(line);
  waiting.get(reply.id)?.(reply);
  waiting.delete(reply.id);
});
const fail = (text) => { console.error(text); process.exit(1); };
socket.on("error", (error) => fail(error.message));

async function call(method, params) {
  const reply = await new Promise((resolve) => {
    waiting.set(++lastID, resolve);
    socket.write(JSON.stringify({ jsonrpc: "2.0", id: lastID, method, params }) + "\n");
  });
  if (reply.error) fail(`${reply.error.message} (${reply.error.data.kind}, charged: ${reply.error.data.charged})`);
  return reply.result;
}

// With the same key the same call may be repeated after a broken connection: it is the same job, paid once.
let { job } = await call("jobs.submit", { client_key: randomUUID(), request: { model, prompt } });
console.error(job.id, job.state);
for (let done = false; !done;) ({ job, done } = await call("jobs.wait", { id: job.id, timeout_ms: 60_000 }));
if (job.state !== "completed") fail(`${job.state}: ${job.reason ?? job.error?.message}`);
console.log(job.output.file);
socket.end();
