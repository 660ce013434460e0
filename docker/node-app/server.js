// A web application that writes into its own folder and lets open requests finish before it ends.

import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";

const app = express();

app.get("/", (_request, response) => {
  appendFileSync("visits.log", `${new Date().toISOString()}\n`);
  response.send(`hello from UID ${process.getuid()}, home ${process.env.HOME}\n`);
});

app.get("/slow", async (request, response) => {
  const ms = Number(request.query.ms ?? 1000);
  console.log(`a request that takes ${ms} ms`);
  await sleep(ms);
  response.send("done\n");
});

const server = app.listen(Number(process.env.PORT ?? 8080), () => console.log("listening"));

process.on("SIGTERM", () => {
  console.log("SIGTERM: no new requests, the open ones are finished");
  server.close(() => {
    console.log("all requests are answered");
    process.exit(0);
  });
});
