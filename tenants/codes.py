"""The codes by which the Department for Education knows local authorities: which were closed, and who came after. Never mapped silently."""

from __future__ import annotations

# closed code -> those that came after it; where there are several, the child's postcode decides
CLOSED: dict[str, tuple[str, ...]] = {
    "836": ("839",),  # Poole: Bournemouth, Christchurch and Poole
    "837": ("839",),  # Bournemouth: the same
    "909": ("942", "943"),  # Cumbria: Cumberland; Westmorland and Furness
    "928": ("940", "941"),  # Northamptonshire: North; West
}


def check_dfe_code(code: str) -> tuple[str, str] | None:
    """What is wrong with the code of an authority, and what to do about it; nothing for one that may be current."""
    if len(code) != 3 or not code.isascii() or not code.isdigit():
        return "is not the code of a council", "the Department for Education knows each by three digits"
    after = CLOSED.get(code)
    if after is None:
        return None
    decided = ", by the child's postcode" if len(after) > 1 else ""
    return "is the code of a council that no longer exists", f"give {' or '.join(after)}{decided}"
