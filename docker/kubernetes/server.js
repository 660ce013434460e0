import { createServer } from "node:http";

const server = createServer((_request, response) => response.end(`hello from UID ${process.getuid()}\n`));
server.listen(8080, () => console.log(`listening as UID ${process.getuid()}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
