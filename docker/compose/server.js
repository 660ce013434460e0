// Counts visits in the store, and writes each into its own folder.

import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";

/** Sends one command of the Redis protocol and gives the answer's first line. */
function ask(command) {
  return new Promise((resolve, reject) => {
    const socket = connect(6379, "store", () => socket.write(`${command}\r\n`));
    socket.setEncoding("utf8").once("data", (answer) => {
      socket.end();
      resolve(answer.split("\r\n")[0]);
    });
    socket.once("error", reject);
  });
}

const server = createServer(async (_request, response) => {
  try {
    const visits = (await ask("INCR visits")).slice(1);
    appendFileSync("visits.log", `${visits}\n`);
    response.end(`visit ${visits}, served by UID ${process.getuid()}\n`);
  } catch (error) {
    response.writeHead(503).end(`${error.message}\n`);
  }
});
server.listen(8080, () => console.log("listening"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
