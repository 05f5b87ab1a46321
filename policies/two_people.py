"""Where one person is not enough: every rule of that kind in one place, with the check of the database that keeps it whatever the code does.

What is decided for a child's family is kept apart in another way: the denies of `national.csv` let nobody decide in their own or their own
child's case (the common-law rule against bias). What concerns oneself in the register is for somebody else to record (`graphql_api.register`).
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.actions import Act, Object


@dataclass(frozen=True, slots=True)
class TwoPeople:
    """One rule: what the second person does, to what another did before, and the check that keeps the two apart. Product rules, none of them law."""

    obj: Object
    act: Act
    table: str
    check: str
    apart: tuple[tuple[str, str], ...]  # columns of the table: the second person, and whom they may not be
    say: str


RULES = (
    TwoPeople(
        Object.CONFIGURATION,
        Act.APPROVE,
        "configuration",
        "configuration_lawful_check",
        (("approved_by", "proposed_by"), ("approved_by", "edited_by")),
        "Who proposed a configuration, or wrote it last, does not approve it.",
    ),
    TwoPeople(
        Object.FLAG,
        Act.APPROVE,
        "flag",
        "flag_two_people_check",
        (("approved_by", "proposed_by"),),
        "Who proposed a flag does not approve it.",
    ),
)
