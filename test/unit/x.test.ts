import t from "tap";
t.test("a", (t) => { t.equal(1, 1); t.test("b", (t) => { t.equal(2, 2, "two"); t.equal(2, 3, "three"); t.end(); }); t.end(); });
t.test("s", { skip: "why" }, () => {});
