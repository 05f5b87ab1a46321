"""Hostile requests against the real schema, sent with a good token: lawful in form, so that the guard lets most through."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "openCase": ("OpenCaseInput", {"process": "ehc_plan", "childId": "?"}),
    "recordEvent": ("RecordEventInput", {"caseId": "?", "name": "consult_family"}),
    "recordCapacity": (
        "RecordCapacityInput",
        {"settingId": "?", "phase": "PRIMARY", "entry": 2027, "places": 1, "asOf": "2026-09-01T09:00:00Z", "expectedVersion": 0},
    ),
    "rankPreferences": ("RankPreferencesInput", {"caseId": "?", "settingIds": []}),
    "offerPlace": ("OfferPlaceInput", {"caseId": "?", "expectedPreferences": 0}),
    "runRound": ("RunRoundInput", {"name": "r", "phase": "PRIMARY", "entry": 2027}),
    "recordTerms": ("RecordTermsInput", {"settingId": "?", "terms": []}),
    "draftConfiguration": ("DraftConfigurationInput", {"why": "w", "yaml": "configuration: 1"}),
    "draftLocalProvision": ("DraftLocalProvisionInput", {"why": "w", "yaml": "a: 1", "expectedVersion": 0}),
    "proposeFlag": ("ProposeFlagInput", {"name": "n", "variant": "v", "startsOn": "2026-09-01", "legalBasis": "l", "why": "w"}),
    "enrolPilot": ("EnrolPilotInput", {"pilot": "p", "since": "2026-09-01", "why": "w"}),
    "proposeProvision": ("ProposeProvisionInput", {"caseId": "?", "expectedVersion": 0, "phase": "PRIMARY", "needs": [], "items": []}),
    "addPerson": ("AddPersonInput", {"name": "n", "subject": "s", "roles": []}),
}
# what a client of another mind puts where a text, a number, a day or an id belongs
STRANGE: dict[str, Any] = {
    "text turned round": "\u202egnp.exe\u202c",
    "10,000 combining marks": "a" + "\u0301" * 10_000,
    "a name of emoji families": "👩‍👩‍👧‍👦" * 100,
    "SQL": "'; drop table event; --",
    "a template": "{{7*7}}${7*7}<%= 7*7 %>",
    "a script": "<script>alert(1)</script>",
    "a path": "../../../../etc/passwd",
    "a line break and a header": "a\r\nset-cookie: b=c",
    "a byte order mark": "\ufeff",
    "a private use sign": "\U0010ffff",
    "a control sign": "\x07\x1b[2J",
    "the largest Int": 2**31 - 1,
    "the smallest Int": -(2**31),
    "more than an Int": 2**31,
    "a fraction": 0.5,
    "true": True,
    "null": None,
    "an empty list": [],
    "a list of lists": [[[[1]]]],
    "an object": {"a": {"b": 1}},
    "Python's own": {"__class__": "x", "__proto__": {"admin": True}},
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "a day that is none": "2026-02-30",
    "the last instant": "9999-12-31T23:59:59-14:00",
    "YAML that makes objects": "!!python/object/apply:os.system ['id']",
    "YAML that doubles": "a: &a [1,1]\n" + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]" for n in range(20)),
    "YAML nested 5,000 deep": "[" * 5000,
    "an upload": {"file": None, "filename": "x.pdf"},
}
FIELDS = "nodes { id reference clocks { name receipt { steps { say } } } actions { name facts { name } } }"


@dataclass(frozen=True)
class Sent:
    """One request: a document, variables, and headers besides the usual."""

    name: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        return json.dumps({"query": self.query, "variables": self.variables, **self.more}).encode()


def _confused() -> list[Sent]:
    """Every strange value in every place of every input, one mutation a value: each place in turn."""
    found = []
    for mutation, (kind, usual) in INPUTS.items():
        for n, (name, strange) in enumerate(STRANGE.items()):
            places = list(usual)
            place = places[n % len(places)]
            given = {"key": f"{mutation}{n}", **usual, place: strange}
            found.append(
                Sent(
                    f"{name} as {place} of {mutation}",
                    f"mutation($i: {kind}!) {{ {mutation}(input: $i) {{ __typename }} }}",
                    {"i": given},
                )
            )
    return found


def _many(count: int, text: str) -> str:
    return " ".join(text.replace("#", str(n)) for n in range(count))


REAL: list[Sent] = [
    *_confused(),
    *(Sent(f"{name} as an id", "query($a: ID!) { case(id: $a) { id } node(id: $a) { id } }", {"a": strange}) for name, strange in STRANGE.items()),
    *(Sent(f"{name} as a cursor", "query($a: String) { cases(after: $a) { nodes { id } } }", {"a": strange}) for name, strange in STRANGE.items()),
    *(Sent(f"{name} as a length", "query($a: Int) { children(first: $a) { nodes { id } } }", {"a": strange}) for name, strange in STRANGE.items()),
    Sent("12 pages of 100 under other names", "{" + _many(12, f"a#: cases(first: 100) {{ {FIELDS} }}") + "}"),
    Sent("11 different roots at once", "{" + _many(11, "a#: worklist(first: 100) { nodes { journal(first: 100) { nodes { say } } } }") + "}"),
    Sent(
        "pages in pages in pages",
        "{ children(first: 100) { nodes { timeline(first: 100) { nodes { say } } cases { journal(first: 100) { nodes { say } }"
        " linked { journal(first: 100) { nodes { say } } } } } } }",
    ),
    Sent("a page of two thousand million", "{ cases(first: 2147483647) { nodes { id } } }"),
    Sent("a page of less than none", "{ cases(first: -2147483648) { nodes { id } } }"),
    Sent("cases of cases of cases", "{ cases { nodes { linked { linked { linked { linked { linked { linked { id } } } } } } } } }"),
    Sent("the child of the case of the child", "{ cases { nodes { child { cases { child { cases { child { cases { id } } } } } } } } }"),
    Sent("60 directives that skip", "{ viewer { name " + " ".join("@skip(if: false)" for _ in range(30)) + " } }"),
    Sent("a directive that nobody knows", "{ viewer { name @lower @upper(a: 1) } }"),
    Sent("deferred", "{ ... @defer { viewer { name } } cases { nodes @stream(initialCount: 0) { id } } }"),
    Sent("a variable as its own default", "query($a: Int = $a) { cases(first: $a) { nodes { id } } }"),
    Sent("a variable of an output's type", "query($a: Case) { case(id: $a) { id } }"),
    Sent("a variable that is not declared", "{ case(id: $a) { id } }"),
    Sent("a variable that is not used", "query($a: Int) { viewer { name } }", {"a": 1, "b": [1] * 1000}),
    Sent("both kinds of a oneOf", 'mutation($i: RecordEventInput!) { recordEvent(input: $i) { __typename } }', {
        "i": {"key": "k", "caseId": "x", "name": "n", "facts": [{"name": "f", "value": {"text": "a", "number": 1}}]}}),
    Sent("none of a oneOf", 'mutation($i: RecordEventInput!) { recordEvent(input: $i) { __typename } }', {
        "i": {"key": "k", "caseId": "x", "name": "n", "facts": [{"name": "f", "value": {}}]}}),
    Sent("500 facts of one name", 'mutation($i: RecordEventInput!) { recordEvent(input: $i) { __typename } }', {
        "i": {"key": "k", "caseId": "x", "name": "n", "facts": [{"name": "f", "value": {"text": "a"}}] * 500}}),
    Sent("3,000 preferences", "mutation($i: RankPreferencesInput!) { rankPreferences(input: $i) { __typename } }", {
        "i": {"key": "k", "caseId": "x", "settingIds": ["x"] * 3000}}),
    Sent("2,000 terms", "mutation($i: RecordTermsInput!) { recordTerms(input: $i) { __typename } }", {
        "i": {"key": "k", "settingId": "x", "terms": [{"first": "2026-09-01", "last": "2026-12-01"}] * 2000}}),
    Sent("a file of 60,000 brackets", "mutation($i: DraftConfigurationInput!) { draftConfiguration(input: $i) { __typename } }", {
        "i": {"key": "k", "why": "w", "yaml": "{" * 60_000}}),
    Sent("a file of 30,000 keys", "mutation($i: DraftLocalProvisionInput!) { draftLocalProvision(input: $i) { __typename } }", {
        "i": {"key": "k", "why": "w", "expectedVersion": 0, "yaml": "".join(f"k{n}: 1\n" for n in range(5000))}}),
    Sent("a batch in the variables", "{ viewer { name } }", {"operations": [{"query": "{ viewer { name } }"}] * 100}),
    Sent("an upload by its map", "{ viewer { name } }", {}, {"map": {"0": ["variables.file"]}, "operations": "{}"}),
    Sent("a document of another's by its fingerprint", " ", {}, {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}),
    Sent("a fingerprint that is none", "{ viewer { name } }", {}, {"extensions": {"persistedQuery": "x"}}),
    Sent("extensions of a thousand", "{ viewer { name } }", {}, {"extensions": {f"e{n}": [n] for n in range(1000)}}),
    Sent("a method of another's", "{ viewer { name } }", headers={"x-http-method-override": "DELETE"}),
    Sent("an address of another's", "{ viewer { name } }", headers={"x-forwarded-host": "evil.example", "x-forwarded-for": "127.0.0.1"}),
    Sent("what cannot be accepted", "{ viewer { name } }", headers={"accept": "image/png"}),
    Sent("an accept of ten thousand", "{ viewer { name } }", headers={"accept": ",".join(["a/b"] * 2500)}),
    Sent("a tenant of another's", "{ viewer { name } }", headers={"x-waymark-tenant": "northmoor"}),
    Sent("a tenant by SQL", "{ viewer { name } }", headers={"x-waymark-tenant": "westshire' or 1=1"}),
    Sent("a subscription as a question", "subscription { worklistChanged { nodes { id } } }"),
    Sent("two subscriptions in one", "subscription { a: worklistChanged { nodes { id } } b: worklistChanged { nodes { id } } }",
         headers={"accept": "text/event-stream"}),
    Sent("a question about the schema inside a question", '{ __type(name: "Case") { fields { type { fields { type { fields { name } } } } } } }'),
    Sent("names without end", "{ viewer { " + "n" * 20_000 + " } }"),
    Sent("a name in another alphabet", "{ viewer { nаme } }"),
    Sent("a comment in every gap", "{ # a\n viewer # b\n { # c\n name # d\n } }"),
    Sent("an operation without end of commas", "{ viewer { name" + "," * 30_000 + " } }"),
]  # fmt: skip
