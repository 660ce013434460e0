import t from "tap";
import { follow, instructionsIn } from "../../scripts/systems.ts";
import { onStatic } from "../support/executables.ts";
import { assertFollowed, followReadme, workplace } from "../support/systems.ts";

/** What --rewrite is for: with SIGTERM itself the client is waited for, and then everything is killed. */
const WITHOUT_REWRITE = `\`\`\`sh
docker run --rm -v tsgosu-postgres-plain:/var/lib/postgresql/data tsgosu-postgres initdb --auth=trust --no-instructions
# …
docker run -d --name tsgosu-postgres-plain -v tsgosu-postgres-plain:/var/lib/postgresql/data --entrypoint tsgosu tsgosu-postgres postgres postgres
# …
docker exec tsgosu-postgres-plain sh -c 'until pg_isready -q -U postgres; do sleep 0.1; done'
docker exec -d tsgosu-postgres-plain psql -q -U postgres -c "SELECT pg_sleep(600)" >/dev/null
docker exec tsgosu-postgres-plain sh -c 'until psql -At -U postgres -c "SELECT wait_event FROM pg_stat_activity" | grep -x PgSleep; do sleep 0.1; done'
# PgSleep
docker logs tsgosu-postgres-plain 2>&1 | grep "FATAL\\|ERROR" | wc -l
# 0
docker kill --signal TERM tsgosu-postgres-plain
# tsgosu-postgres-plain
grep -m1 -o "received smart shutdown" <(docker logs -f tsgosu-postgres-plain 2>&1)
# received smart shutdown
docker stop -t 2 tsgosu-postgres-plain 2>&1
# …
docker start tsgosu-postgres-plain
# tsgosu-postgres-plain
docker exec tsgosu-postgres-plain sh -c 'until pg_isready -q -U postgres; do sleep 0.1; done'
docker logs tsgosu-postgres-plain 2>&1 | grep -o "was not properly shut down"
# was not properly shut down
docker rm -f -v tsgosu-postgres-plain
# tsgosu-postgres-plain
docker volume rm tsgosu-postgres-plain
# tsgosu-postgres-plain
\`\`\`
`;

onStatic(t, "PostgreSQL shuts down fast, and has nothing to recover", async (t, executable) => {
  const place = workplace(t, "postgres", executable);
  followReadme(t, "postgres", place);
  assertFollowed(t, follow(place, instructionsIn(WITHOUT_REWRITE)));
});
